export { FIELDS_OF_KIND } from "./fields.ts";
export { readIndicatorSet } from "./indicator-set.ts";
