/** UTF-8 bytes of one event, as the intake's clients are told. */
export const MAX_EVENT_BYTES = 250_000;
/** Bytes of one request's body, as sent and as unpacked. */
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
