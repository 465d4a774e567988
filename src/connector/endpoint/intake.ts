/** The intake's endpoint for batches under the server's address: exactly one slash between them, the path kept. */
export function batchUrl(server: string): string {
  return `${server.replace(/\/+$/, "")}/batch`;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether events and key leave this machine without encryption. */
export function isExposed(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === "http:" && !LOOPBACK.test(hostname);
}
