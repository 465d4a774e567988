/** Texts built from patterns: `"%05d" % 7` and `"{} of {}".format(1, 2)`. */
import { Fault, type Key, type Result, type Value } from "../contract/value.ts";
import { checkTextLength, LimitExceeded } from "./limits.ts";
import { fixedText, isInteger, makeInteger, numericValue, printFloat } from "./numbers.ts";
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
      if (type === "%") {
        return "%";
      }
      let value: Value;
      if (name === undefined) {
        if (next >= args.length) {
          fault ??= new Fault("the pattern has more places than there are values");
        }
        value = args[next++];
      } else {
        byName = true;
        const dict = args[0];
        if (!(dict instanceof Map && dict.has(name))) {
          fault ??= new Fault(`the pattern's "${name}" has no value`);
        } else {
          value = dict.get(name);
        }
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
  if (fault !== undefined) {
    return fault;
  }
  // To Python a list or dict may hold values by name, of which none need be used.
  const [first] = args;
  const isHolder = first === undefined || Array.isArray(first) || first instanceof Map;
  if (!byName && next < args.length && !(args.length === 1 && isHolder)) {
    return new Fault("the pattern has fewer places than there are values");
  }
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
    case "a":
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
      if (number === undefined) {
        return new Fault(`%${type} needs a number`);
      }
      const written = signed(convertFloat(number, type, digits), flags);
      return type === type.toUpperCase() ? written.toUpperCase() : written;
    }
    case "c":
      if (typeof value === "string" && [...value].length === 1) {
        return value;
      }
      return isInteger(value) && value >= 0 && value <= 0x10ffff
        ? String.fromCodePoint(Number(value))
        : new Fault("%c needs a character or its number");
    default:
      return new Fault(`a pattern has no conversion "${type ?? ""}"`);
  }
}

function convertFloat(number: number, type: string, digits: number): string {
  if (!Number.isFinite(number)) {
    return printFloat(number);
  }
  switch (type.toLowerCase()) {
    case "f":
      return fixedText(number, digits);
    case "e":
      return number.toExponential(digits).replace(/e([+-])(\d)$/, "e$10$2");
    default:
      return general(number, Math.max(1, digits));
  }
}

/** The shorter notation, without zeros at the end: C's `%g`. */
function general(number: number, digits: number): string {
  const [mantissa = "", exponentText = "0"] = number.toExponential(digits - 1).split("e");
  const exponent = Number(exponentText);
  const shortened = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent >= -4 && exponent < digits) {
    return shortened(number.toFixed(digits - 1 - exponent));
  }
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${shortened(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
}

function convertInteger(value: Value, type: string, flags: string): string | Fault {
  const number = numericValue(value);
  if (number === undefined || !Number.isFinite(number)) {
    return new Fault(`%${type} needs a number`);
  }
  if ("xXo".includes(type) && !isInteger(value) && typeof value !== "boolean") {
    return new Fault(`%${type} needs a whole number`);
  }
  const whole = BigInt(isInteger(value) ? value : Math.trunc(number));
  const radix = type === "o" ? 8 : type.toLowerCase() === "x" ? 16 : 10;
  const digits = makeInteger(whole).toString(radix);
  const prefix = flags.includes("#") && radix !== 10 ? (radix === 8 ? "0o" : "0x") : "";
  const text = digits.startsWith("-") ? `-${prefix}${digits.slice(1)}` : prefix + digits;
  return signed(type === "X" ? text.toUpperCase() : text, flags);
}

function signed(text: string, flags: string): string {
  if (text.startsWith("-")) {
    return text;
  }
  return flags.includes("+") ? `+${text}` : flags.includes(" ") ? ` ${text}` : text;
}

function pad(text: string, flags: string, width: number): string {
  if (width > MAX_WIDTH) {
    throw new LimitExceeded(`a pattern asks for ${width} characters`);
  }
  if (flags.includes("-")) {
    return text.padEnd(width);
  }
  if (!flags.includes("0")) {
    return text.padStart(width);
  }
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
    if (all === "{{" || all === "}}") {
      return all.charAt(0);
    }
    if (field === undefined) {
      fault ??= new Fault("the pattern has a single brace");
      return "";
    }
    const [, head = "", conversion, spec] = FIELD.exec(field) ?? [];
    const [, name = "", steps = ""] = /^([^.[]*)(.*)$/s.exec(head) ?? [];
    const isGiven = name !== "" || next < positional.length;
    const root = name === "" ? { value: positional[next++] } : lookUp(name, positional, named);
    const found = root === undefined || !isGiven ? undefined : walk(root.value, steps);
    if (found === undefined) {
      fault ??= new Fault(`the pattern's "${head}" has no value`);
      return "";
    }
    const value = conversion === undefined ? found.value : convert(found.value, conversion, "", undefined);
    const converted =
      value instanceof Fault ? value : spec === undefined ? printValue(value) : formatSpec(value, spec);
    if (converted instanceof Fault) {
      fault ??= converted;
      return "";
    }
    length += converted.length;
    checkTextLength(length);
    return converted;
  });
  if (fault !== undefined) {
    return fault;
  }
  checkTextLength(text.length);
  return text;
}

/** What is named, how it is printed, and how it is laid out. */
const FIELD = /^([^!:]*)(?:!([rs]))?(?::(.*))?$/s;
const STEP = /\[([^\]]*)\]|\.(\w+)/g;

/** `[key]` reads an entry or an item; nothing here has attributes. */
function walk(value: Value, steps: string): { value: Value } | undefined {
  let found = value;
  for (const [, key, attribute] of steps.matchAll(STEP)) {
    if (attribute !== undefined || key === undefined) {
      return undefined;
    }
    const isIndex = /^\d+$/.test(key);
    if (found instanceof Map) {
      found = found.get(isIndex ? Number(key) : key);
    } else if (Array.isArray(found) && isIndex) {
      found = found[Number(key)];
    } else {
      return undefined;
    }
    if (found === undefined) {
      return undefined;
    }
  }
  return { value: found };
}

function lookUp(
  name: string,
  positional: readonly Value[],
  named: ReadonlyMap<Key, Value>,
): { value: Value } | undefined {
  if (/^\d+$/.test(name)) {
    return Number(name) < positional.length ? { value: positional[Number(name)] } : undefined;
  }
  return named.has(name) ? { value: named.get(name) } : undefined;
}

const SPEC = /^(?:(.)?([<>^=]))?([-+ ]?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([sdbcxXfFeEgGon%]?)$/su;

function formatSpec(value: Value, spec: string): string | Fault {
  if (spec === "") {
    return printValue(value);
  }
  const parts = SPEC.exec(spec);
  if (parts === null) {
    return new Fault(`a pattern has no format "${spec}"`);
  }
  const [, given, align, sign = "", hash = "", zero, width = "", group = "", precision, type = ""] = parts;
  const isText = typeof value === "string";
  if (isText && (!["", "s"].includes(type) || align === "=" || group !== "" || sign !== "")) {
    return new Fault(`a text cannot have the format "${spec}"`);
  }
  const size = Number(width);
  if (size > MAX_WIDTH) {
    throw new LimitExceeded(`a pattern asks for ${size} characters`);
  }
  const plain = formatted(value, type, sign + hash, precision);
  if (plain instanceof Fault) {
    return plain;
  }
  const converted = group === "" ? plain : grouped(plain, group);
  const fill = given ?? (zero === "0" ? "0" : " ");
  if (zero === "0" && align === undefined && !isText) {
    return pad(converted, "0", size);
  }
  const side = align ?? (isText ? "<" : ">");
  const missing = Math.max(0, size - [...converted].length);
  if (side === "=") {
    const signLength = /^[-+ ]/.test(converted) ? 1 : 0;
    return converted.slice(0, signLength) + fill.repeat(missing) + converted.slice(signLength);
  }
  const left = side === ">" ? missing : side === "^" ? Math.floor(missing / 2) : 0;
  return fill.repeat(left) + converted + fill.repeat(missing - left);
}

/** A value by a format's type; without one a number stays as it prints, but for the digits asked for. */
function formatted(value: Value, type: string, flags: string, precision: string | undefined): string | Fault {
  if (typeof value === "string") {
    return convert(value, "s", "", precision);
  }
  const number = numericValue(value);
  if (number === undefined) {
    return NO_NUMBER;
  }
  const isFloat = !isInteger(value) && typeof value !== "boolean";
  if (isFloat && "bdoxXc".includes(type) && type !== "") {
    return new Fault("a float has no digits of that kind");
  }
  if (type === "%") {
    const percent = convert(number * 100, "f", flags, precision);
    return percent instanceof Fault ? percent : `${percent}%`;
  }
  if (type === "b") {
    const digits = BigInt(isInteger(value) ? value : number).toString(2);
    return signed(flags.includes("#") ? digits.replace(/^-?/, "$&0b") : digits, flags);
  }
  if (type !== "" && type !== "n") {
    return type === "s" ? NO_NUMBER : convert(value, type, flags, precision);
  }
  if (precision !== undefined && !isFloat) {
    return new Fault("a whole number has no digits after the point");
  }
  if (type === "n" && isFloat) {
    return convert(value, "g", flags, precision);
  }
  if (precision !== undefined) {
    return convert(value, "g", flags, precision);
  }
  return isFloat ? signed(printFloat(number), flags) : convert(value, "d", flags, undefined);
}

const NO_NUMBER = new Fault("the pattern needs a value of another type");

function grouped(text: string, separator: string): string {
  const [whole = "", ...rest] = text.split(".");
  return [whole.replace(/\B(?=(\d{3})+(?!\d))/g, separator), ...rest].join(".");
}
