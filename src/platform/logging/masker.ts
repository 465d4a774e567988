const MASK = "***";

/** Shorter texts are not secrets, and masking them would make the log unreadable. */
const SHORTEST_SECRET = 4;

/** Parts of a connection string or of a signed address that open the door on their own. */
const SECRET_PART = /(?:SharedAccessKey|AccountKey|SharedAccessSignature|sig)=([^;&\s]+)/gi;

/** What looks like a secret is hidden even if nobody announced it. */
const UNANNOUNCED: readonly [RegExp, string][] = [
  [/\b(SharedAccessKey|AccountKey|SharedAccessSignature)=[^;\s"'`,]+/gi, `$1=${MASK}`],
  [/\bsig=[^&;\s"'`,]+/gi, `sig=${MASK}`],
  [/\bBearer\s+[\w.~+/-]+=*/gi, `Bearer ${MASK}`],
];

/** Hides secrets in everything that leaves the process as text. */
export class Masker {
  readonly #forms = new Set<string>();
  #pattern: RegExp | undefined;

  /** Remembers a secret; of a connection string also the keys in it. Each also URL-encoded, base64 and JSON-escaped. */
  add(secret: string): void {
    const whole = secret.trim();
    const parts = [...whole.matchAll(SECRET_PART)].map(([, part]) => part ?? "");
    for (const text of [whole, ...parts].filter(({ length }) => length >= SHORTEST_SECRET)) {
      const urlEncoded = encodeURIComponent(text.toWellFormed());
      const base64 = Buffer.from(text, "utf8").toString("base64").replace(/=+$/, "");
      for (const form of [
        text,
        urlEncoded,
        urlEncoded.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
        base64,
        base64.replaceAll("+", "-").replaceAll("/", "_"),
        JSON.stringify(text).slice(1, -1),
      ]) {
        this.#forms.add(form);
      }
    }
    // The longest first: a connection string goes as a whole, not piece by piece.
    const forms = [...this.#forms]
      .sort((a, b) => b.length - a.length)
      .map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    this.#pattern = forms.length > 0 ? new RegExp(forms.join("|"), "g") : undefined;
  }

  mask(text: string): string {
    let masked = this.#pattern ? text.replaceAll(this.#pattern, MASK) : text;
    for (const [pattern, replacement] of UNANNOUNCED) {
      masked = masked.replaceAll(pattern, replacement);
    }
    return masked;
  }
}
