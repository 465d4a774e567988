/** Texts built from patterns: `"%05d" % 7` and `"{} of {}".format(1, 2)`. */
import { Fault, type Key, type Result, type Value } from "../contract/value.ts";
import { checkTextLength, LimitExceeded } from "./limits.ts";
import { isInteger, makeInteger, numericValue, printFloat } from "./numbers.ts";
import { printValue, represent } from "./print-value.ts";

const CONVERSION = /%(?:\(([^()]*)\))?([-+ 0#]*)(\d*)(?:\.(\d+))?([hlL]?)(.)?/gs;
const MAX_WIDTH = 10_000;
const MAX_PRECISION = 100;

/** Python's `pattern % args`; a fault when an argument is missing, left over or of the wrong type. */
export function formatPercent(pattern: string, args: readonly Value[]): Result {
  let next = 0;
  let fault: Fault | undefined;
  let byName = false;
  let length = 0;
  const text = pattern.replace(
    CONVERSION,
    (
      _all,
      name: string | undefined,
      flags: string,
      width: string,
      precision: string | undefined,
      _size,
      type,
    ) => {
      if (type === "%") return "%";
      let value: Value;
      if (name === undefined) {
        if (next >= args.length) fault ??= new Fault("the pattern has more places than there are values");
        value = args[next++];
      } else {
        byName = true;
        const dict = args[0];
        if (!(dict instanceof Map && dict.has(name)))
          fault ??= new Fault(`the pattern's "${name}" has no value`);
        else value = dict.get(name);
      }
      const converted = convert(value, type as string | undefined, flags, precision);
      if (converted instanceof Fault) {
        fault ??= converted;
        return "";
      }
      const padded = pad(converted, flags, Number(width));
      length += padded.length;
      checkTextLength(length);
      return padded;
    },
  );
  if (fault !== undefined) return fault;
  // To Python a list or dict may hold values by name, of which none need be used.
  const [first] = args;
  const isHolder = first === undefined || Array.isArray(first) || first instanceof Map;
  if (!byName && next < args.length && !(args.length === 1 && isHolder))
    return new Fault("the pattern has fewer places than there are values");
  checkTextLength(text.length);
  return text;
}

function convert(
  value: Value,
  type: string | undefined,
  flags: string,
  precision: string | undefined,
): string | Fault {
  const digits = Math.min(Number(precision ?? 6), MAX_PRECISION);
  switch (type) {
    case "s":
      return precision === undefined ? printValue(value) : printValue(value).slice(0, digits);
    case "r":
      return represent(value);
    case "d":
    case "i":
    case "u":
    case "x":
    case "X":
    case "o":
      return convertInteger(value, type, flags);
    case "f":
    case "F":
    case "e":
    case "E":
    case "g":
    case "G": {
      const number = numericValue(value);
      if (number === undefined) return new Fault(`%${type} needs a number`);
      return signed(convertFloat(number, type, digits), flags);
    }
    case "c":
      return typeof value === "number" && value >= 0 && value <= 0x10ffff
        ? String.fromCodePoint(value)
        : printValue(value);
    default:
      return new Fault(`a pattern has no conversion "${type ?? ""}"`);
  }
}

function convertFloat(number: number, type: string, digits: number): string {
  if (!Number.isFinite(number)) return printFloat(number);
  switch (type.toLowerCase()) {
    case "f":
      return number.toFixed(digits);
    case "e":
      return number.toExponential(digits).replace(/e([+-])(\d)$/, "e$10$2");
    default:
      return String(Number(number.toPrecision(Math.max(1, digits))));
  }
}

function convertInteger(value: Value, type: string, flags: string): string | Fault {
  const number = numericValue(value);
  if (number === undefined || !Number.isFinite(number)) return new Fault(`%${type} needs a number`);
  const whole = BigInt(isInteger(value) ? value : Math.trunc(number));
  const radix = type === "o" ? 8 : type.toLowerCase() === "x" ? 16 : 10;
  const digits = makeInteger(whole).toString(radix);
  const prefix = flags.includes("#") && radix !== 10 ? (radix === 8 ? "0o" : "0x") : "";
  const text = digits.startsWith("-") ? `-${prefix}${digits.slice(1)}` : prefix + digits;
  return signed(type === "X" ? text.toUpperCase() : text, flags);
}

function signed(text: string, flags: string): string {
  if (text.startsWith("-")) return text;
  return flags.includes("+") ? `+${text}` : flags.includes(" ") ? ` ${text}` : text;
}

function pad(text: string, flags: string, width: number): string {
  if (width > MAX_WIDTH) throw new LimitExceeded(`a pattern asks for ${width} characters`);
  if (flags.includes("-")) return text.padEnd(width);
  if (!flags.includes("0")) return text.padStart(width);
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}

const REPLACEMENT = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** Python's `pattern.format(…)` with positions and names; a format after `:` may hold fill, alignment, width and type. */
export function formatBraces(
  pattern: string,
  positional: readonly Value[],
  named: ReadonlyMap<Key, Value>,
): Result {
  let next = 0;
  let fault: Fault | undefined;
  let length = 0;
  const text = pattern.replace(REPLACEMENT, (all, field: string | undefined) => {
    if (all === "{{" || all === "}}") return all.charAt(0);
    if (field === undefined) {
      fault ??= new Fault("the pattern has a single brace");
      return "";
    }
    const colon = field.indexOf(":");
    const name = colon < 0 ? field : field.slice(0, colon);
    const found = name === "" ? { value: positional[next++] } : lookUp(name, positional, named);
    if (found === undefined || found.value === undefined) {
      fault ??= new Fault(`the pattern's "${name}" has no value`);
      return "";
    }
    const converted = colon < 0 ? printValue(found.value) : formatSpec(found.value, field.slice(colon + 1));
    if (converted instanceof Fault) {
      fault ??= converted;
      return "";
    }
    length += converted.length;
    checkTextLength(length);
    return converted;
  });
  if (fault !== undefined) return fault;
  checkTextLength(text.length);
  return text;
}

function lookUp(
  name: string,
  positional: readonly Value[],
  named: ReadonlyMap<Key, Value>,
): { value: Value } | undefined {
  if (/^\d+$/.test(name)) return { value: positional[Number(name)] };
  return named.has(name) ? { value: named.get(name) } : undefined;
}

const SPEC = /^(?:(.)?([<>^]))?(0?)(\d*)(?:\.(\d+))?([sdxXfeEgo]?)$/s;

function formatSpec(value: Value, spec: string): string | Fault {
  const parts = SPEC.exec(spec);
  if (parts === null) return new Fault(`a pattern has no format "${spec}"`);
  const [, fill = " ", align, zero, width = "", precision, type = ""] = parts;
  const fallback = typeof value === "string" ? "s" : "d";
  const kind = type !== "" ? type : precision !== undefined ? "f" : fallback;
  const converted = convert(value, kind, "", precision);
  if (converted instanceof Fault) return converted;
  if (zero === "0") return pad(converted, "0", Number(width));
  const side = align ?? (typeof value === "string" ? "<" : ">");
  const size = Number(width);
  if (size > MAX_WIDTH) throw new LimitExceeded(`a pattern asks for ${size} characters`);
  if (side === "^") {
    return converted
      .padStart(converted.length + Math.floor((size - converted.length) / 2), fill)
      .padEnd(size, fill);
  }
  return side === "<" ? converted.padEnd(size, fill) : converted.padStart(size, fill);
}
