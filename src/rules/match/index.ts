export { EventFields, FieldNames } from "./event.ts";
export { type Firing, Matcher } from "./matcher.ts";
