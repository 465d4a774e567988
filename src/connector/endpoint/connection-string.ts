/** The parts of a connection string, `Name=value;…`, by their names in lower case; a value may hold `=`. */
export function partsOf(connectionString: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const piece of connectionString.split(";")) {
    const equals = piece.indexOf("=");
    if (equals > 0) {
      parts.set(piece.slice(0, equals).trim().toLowerCase(), piece.slice(equals + 1).trim());
    }
  }
  return parts;
}
