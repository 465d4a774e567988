/** What may be wrong between here and a server, whichever it is. */
export const NETWORK_CAUSES = {
  HOST_UNKNOWN: {
    status: "failed",
    cause: 'no server is called "{host}"',
    fix: "correct the name in {setting}; a private endpoint's name is known only inside its own network",
  },
  NAMES_NOT_RESOLVED: {
    status: "failed",
    cause: 'the name "{host}" could not be looked up ({code}), since no name server answered',
    fix: "check the name servers of this machine or container",
  },
  PORT_CLOSED: {
    status: "failed",
    cause: "{host} does not accept connections on port {port} ({code})",
    fix: "let a firewall on the way pass connections to {host}:{port}, and check the firewall of the resource itself",
  },
  AMQP_PORT_CLOSED: {
    status: "failed",
    cause: "port {port} of {host} is closed for AMQP ({code}), but WebSockets on port {webSocketPort} work",
    fix: "set transport to websockets, or let the firewall pass port {port}",
  },
  PROXY_UNREACHABLE: {
    status: "failed",
    cause: "the proxy {proxy} cannot be reached ({code})",
    fix: "correct proxy_url or the environment variable HTTPS_PROXY, or start the proxy",
  },
  PROXY_WANTS_PASSWORD: {
    status: "failed",
    cause: "the proxy {proxy} wants another user name or password (HTTP 407)",
    fix: "write them into the address: http://user:password@proxy:port",
  },
  PROXY_REFUSED: {
    status: "failed",
    cause: "the proxy {proxy} refuses to connect to {host}:{port} (HTTP {status})",
    fix: "let the proxy pass {host}:{port}, or name the host in NO_PROXY to go past the proxy",
  },
  CERTIFICATE_EXPIRED: {
    status: "failed",
    cause: "the certificate of {host} ended on {date}",
    fix: "have the certificate renewed, or set this machine's clock right",
  },
  CERTIFICATE_NOT_YET_VALID: {
    status: "failed",
    cause: "the certificate of {host} begins only on {date}",
    fix: "set this machine's clock right",
  },
  CERTIFICATE_NOT_TRUSTED: {
    status: "failed",
    cause: 'the certificate of {host} comes from "{issuer}", which is not trusted here ({code})',
    fix: "if a proxy or firewall looks into TLS, give its authority's certificate by the environment variable NODE_EXTRA_CA_CERTS",
  },
  CERTIFICATE_FOR_OTHER_HOST: {
    status: "failed",
    cause: "the certificate that {host} shows is for {names}",
    fix: "use the host's own name in {setting}; with a private endpoint, the public name must resolve to it",
  },
  NO_TLS: {
    status: "failed",
    cause: "{host}:{port} does not speak TLS ({code})",
    fix: "check the port, and whether a firewall or proxy cuts TLS connections",
  },
  CHECK_TOO_SLOW: {
    status: "failed",
    cause: "there was no answer within {seconds} seconds",
    fix: "run the check again; if it stays so, look for a firewall that drops packets silently",
  },
  CHECK_BROKE: {
    status: "failed",
    cause: "the check met something unforeseen: {reason}",
    fix: "run the check again, and report it with this line if it stays so",
  },
} as const;
