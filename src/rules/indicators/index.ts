export { FIELDS_OF_KIND } from "./fields.ts";
export { type ReadTexts, readIndicatorSet } from "./indicator-set.ts";
