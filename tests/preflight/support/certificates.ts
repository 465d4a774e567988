import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

export type KeyPair = { readonly key: string; readonly cert: string };

export type Authority = {
  readonly certPath: string;
  /** @param validity Two times like `20200101000000Z`; from yesterday to tomorrow unless given. */
  issue(host: string, validity?: readonly [string, string]): KeyPair;
  /** Trusts it in this process, until the end. */
  trust(): void;
  close(): void;
};

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const DAY_MS = 86_400_000;

/** A certificate authority made for one test file. */
export function makeAuthority(name = "Test Authority"): Authority {
  const folder = mkdtempSync(join(tmpdir(), "authority-"));
  const path = (file: string) => join(folder, file);
  const openssl = (...args: string[]) => void execFileSync("openssl", args, { stdio: "ignore", cwd: folder });
  openssl(
    "req",
    "-x509",
    ...NEW_KEY,
    "-days",
    "2",
    "-subj",
    `/O=${name}`,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
  );
  let issued = 0;
  const trusted = getCACertificates("default");
  return {
    certPath: path("ca.pem"),
    issue(host, validity = [timeText(Date.now() - DAY_MS), timeText(Date.now() + DAY_MS)]) {
      const id = `leaf${++issued}`;
      writeFileSync(path("index.txt"), "");
      writeFileSync(path("serial"), `0${issued}`);
      writeFileSync(
        path("ca.cnf"),
        [
          "[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=index.txt\nserial=serial\ndefault_md=sha256",
          "policy=p\nx509_extensions=e\n[p]\ncommonName=supplied",
          `[e]\nsubjectAltName=${/^[\d.]+$/.test(host) ? "IP" : "DNS"}:${host}`,
        ].join("\n"),
      );
      openssl("req", ...NEW_KEY, "-subj", `/CN=${host}`, "-keyout", `${id}.key`, "-out", `${id}.csr`);
      const [from, until] = validity;
      const by = [
        "-config",
        "ca.cnf",
        "-cert",
        "ca.pem",
        "-keyfile",
        "ca.key",
        "-startdate",
        from,
        "-enddate",
        until,
      ];
      openssl("ca", "-batch", "-notext", ...by, "-in", `${id}.csr`, "-out", `${id}.pem`);
      return { key: readFileSync(path(`${id}.key`), "utf8"), cert: readFileSync(path(`${id}.pem`), "utf8") };
    },
    trust: () => setDefaultCACertificates([...trusted, readFileSync(path("ca.pem"), "utf8")]),
    close() {
      setDefaultCACertificates(trusted);
      rmSync(folder, { recursive: true });
    },
  };
}

/** As certificates write it: `20261124080000Z`. */
function timeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
}
