import { Switch, Tabs } from "radix-ui";
import { type ComponentProps, type ReactNode, useState } from "react";

export type Tone = "good" | "warn" | "bad" | "plain";

export function Pill({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }): ReactNode {
  return <span className={`pill ${tone}`}>{children}</span>;
}

export const LEVEL_TONES = {
  debug: "plain",
  info: "plain",
  informational: "plain",
  low: "plain",
  medium: "warn",
  warning: "warn",
  high: "bad",
  error: "bad",
  critical: "bad",
} as const satisfies Readonly<Record<string, Tone>>;

export function Card({
  title,
  aside,
  children,
}: {
  readonly title?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <section className="card">
      {title !== undefined && (
        <div className="card-head">
          <h2>{title}</h2>
          <span className="grow" />
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}

export function Head({
  title,
  children,
}: {
  readonly title: ReactNode;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <header className="head">
      {typeof title === "string" ? <h1>{title}</h1> : title}
      {children}
    </header>
  );
}

/** A region that scrolls, and so takes the focus: else the keyboard could not reach what is out of sight. */
export function Scroll({
  label,
  ...rest
}: { readonly label: string } & ComponentProps<"section">): ReactNode {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  return <section aria-label={label} tabIndex={0} {...rest} />;
}

/** What is not there yet, and what to do next. */
export function Empty({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="pad soft empty">{children}</div>;
}

/** What went wrong, in the server's words; said aloud by a screen reader. */
export function Failure({ error }: { readonly error: Error | null | undefined }): ReactNode {
  return error ? (
    <p role="alert" className="failure">
      {error.message}
    </p>
  ) : null;
}

export function OnSwitch({
  isOn,
  isBusy,
  isDisabled = false,
  label = "On",
  onChange,
}: {
  readonly isOn: boolean;
  readonly isBusy: boolean;
  readonly isDisabled?: boolean;
  readonly label?: string;
  readonly onChange: (isOn: boolean) => void;
}): ReactNode {
  return (
    <span className="row tight">
      <span className="soft" aria-hidden="true">
        {isOn ? "On" : "Off"}
      </span>
      <Switch.Root
        className="switch"
        aria-label={label}
        aria-busy={isBusy}
        disabled={isDisabled}
        checked={isOn}
        onCheckedChange={onChange}
      >
        <Switch.Thumb className="thumb" />
      </Switch.Root>
    </span>
  );
}

export type Tab = {
  readonly name: string;
  /** How many there are of what it holds. */
  readonly badge?: string;
  readonly content: ReactNode;
};

export function TabCard({
  label,
  tabs,
  first,
}: {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly first?: string;
}): ReactNode {
  return (
    <section className="card">
      <Tabs.Root defaultValue={tabValue(first ?? tabs[0]?.name ?? "")}>
        <Tabs.List className="tabs" aria-label={label}>
          {tabs.map(({ name, badge }) => (
            <Tabs.Trigger key={name} value={tabValue(name)} className="tab" aria-description={badge}>
              {name}
              {badge !== undefined && (
                // The tab's name is what it holds and nothing else.
                <span className="pill bad plain badge" aria-hidden="true">
                  {badge}
                </span>
              )}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {tabs.map(({ name, content }) => (
          <Tabs.Content key={name} value={tabValue(name)} tabIndex={-1}>
            {content}
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </section>
  );
}

/** Identifiers are made of it, and they hold no spaces. */
function tabValue(name: string): string {
  return name.replaceAll(" ", "-");
}

/** Copies, and says so. `text` is asked for when it is wanted, since it may be a secret. */
export function CopyButton({
  text,
  children = "Copy",
  className = "btn small",
}: {
  readonly text: string | (() => Promise<string>);
  readonly children?: ReactNode;
  readonly className?: string;
}): ReactNode {
  const [said, setSaid] = useState<string | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : await text());
      setSaid("Copied");
    } catch (error) {
      setSaid(error instanceof Error ? error.message : "The browser did not copy");
    }
    setTimeout(() => setSaid(null), 2000);
  };
  return (
    <button type="button" className={className} onClick={() => void copy()}>
      {said ?? children}
    </button>
  );
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** A button that saves a file of the server, or a text of the page. */
export function DownloadButton({
  address,
  file,
  children,
  className = "btn",
}: {
  readonly address: string;
  /** The file's name, where the server does not give it. */
  readonly file?: string;
  readonly children: ReactNode;
  readonly className?: string;
}): ReactNode {
  const save = () => {
    const link = document.createElement("a");
    link.href = address;
    link.download = file ?? "";
    link.click();
  };
  return (
    <button type="button" className={className} onClick={save}>
      {children}
    </button>
  );
}
