/** What may be wrong between here and a server, whichever it is. */
export const NETWORK_CAUSES = {
  HOST_UNKNOWN: {
    status: "failed",
    cause: 'the host name "{host}" does not exist',
    fix: "correct the name in {setting}; the name of a private endpoint resolves only inside its own network",
  },
  NAMES_NOT_RESOLVED: {
    status: "failed",
    cause: 'the host name "{host}" could not be resolved ({code}): no DNS server answered',
    fix: "check the DNS servers of this machine or container",
  },
  PORT_CLOSED: {
    status: "failed",
    cause: "{host} does not accept connections on port {port} ({code})",
    fix: "allow connections to {host}:{port} in every firewall on the way, the resource's own included",
  },
  AMQP_PORT_CLOSED: {
    status: "failed",
    cause: "port {port} of {host} is closed for AMQP ({code}), but WebSockets on port {webSocketPort} work",
    fix: "set transport to websockets, or open port {port} in the firewall",
  },
  PROXY_UNREACHABLE: {
    status: "failed",
    cause: "the proxy {proxy} cannot be reached ({code})",
    fix: "correct proxy_url or the environment variable HTTPS_PROXY, or start the proxy",
  },
  PROXY_WANTS_PASSWORD: {
    status: "failed",
    cause: "the proxy {proxy} requires a valid user name and password (HTTP 407)",
    fix: "write them into the address: http://user:password@proxy:port",
  },
  PROXY_REFUSED: {
    status: "failed",
    cause: "the proxy {proxy} refuses to connect to {host}:{port} (HTTP {status})",
    fix: "allow {host}:{port} on the proxy, or add the host to NO_PROXY to bypass it",
  },
  CERTIFICATE_EXPIRED: {
    status: "failed",
    cause: "the certificate of {host} expired on {date}",
    fix: "renew the certificate, or correct this machine's clock",
  },
  CERTIFICATE_NOT_YET_VALID: {
    status: "failed",
    cause: "the certificate of {host} is not valid before {date}",
    fix: "correct this machine's clock",
  },
  CERTIFICATE_NOT_TRUSTED: {
    status: "failed",
    cause: 'the certificate of {host} was issued by "{issuer}", which is not trusted here ({code})',
    fix: "if a proxy or firewall inspects TLS, name the file with its CA certificate in the environment variable NODE_EXTRA_CA_CERTS",
  },
  CERTIFICATE_FOR_OTHER_HOST: {
    status: "failed",
    cause: "the certificate of {host} is for {names}",
    fix: "use the host's own name in {setting}; with a private endpoint, the public name must resolve to it",
  },
  NO_TLS: {
    status: "failed",
    cause: "{host}:{port} does not speak TLS ({code})",
    fix: "check the port, and whether a firewall or proxy interferes with TLS",
  },
  CHECK_TOO_SLOW: {
    status: "failed",
    cause: "no answer within {seconds} seconds",
    fix: "run the check again; if it fails again, look for a firewall that drops packets silently",
  },
  CHECK_BROKE: {
    status: "failed",
    cause: "the check itself failed: {reason}",
    fix: "run the check again; if it fails again, report this line",
  },
} as const;
