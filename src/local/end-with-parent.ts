/**
 * Arguments for node that tie a child to us: its standard input is a pipe, which closes when we are gone, however we
 * went, and then the child ends as on SIGTERM. Spawn it `detached`, so that a terminal's Ctrl-C reaches only us: we
 * end the children in an order, and they would otherwise be gone before those that need them.
 */
export const END_WITH_PARENT: readonly string[] = [
  "--import",
  'data:text/javascript,process.stdin.once("close",()=>process.kill(process.pid,"SIGTERM")).resume().unref()',
];
