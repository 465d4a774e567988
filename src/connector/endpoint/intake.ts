/** The intake's endpoint for batches under the server's address: exactly one slash between them, the path kept. */
export function batchUrl(server: string): string {
  return `${server.replace(/\/+$/, "")}/batch`;
}
