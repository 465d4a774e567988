/** "1 record", "2,000 records". @param noun Takes an s in the plural. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-GB")} ${noun}${count === 1 ? "" : "s"}`;
}
