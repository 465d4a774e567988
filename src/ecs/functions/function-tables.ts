/** All functions of the expression language, by family. */
import type { FunctionTables } from "../contract/function.ts";
import type { StageDefinition } from "../contract/stage.ts";
import { CONTAINER_METHODS } from "./container-methods.ts";
import { dateFilters } from "./date-filters.ts";
import { GLOBALS } from "./globals.ts";
import { JSON_FILTERS } from "./json-filters.ts";
import { LAYOUT_FILTERS } from "./layout-filters.ts";
import { LIST_FILTERS } from "./list-filters.ts";
import { NETWORK_FILTERS } from "./network-filters.ts";
import { NUMBER_FILTERS } from "./number-filters.ts";
import { ORDER_FILTERS } from "./order-filters.ts";
import { PATH_FILTERS } from "./path-filters.ts";
import { REGEX_FILTERS } from "./regex-filters.ts";
import { SELECT_FILTERS } from "./select-filters.ts";
import { TESTS } from "./tests.ts";
import { TEXT_FILTERS } from "./text-filters.ts";
import { TEXT_METHODS } from "./text-methods.ts";

/** @param dateParse The stage `date.parse`, which the filters of dates are made of. */
export function createFunctions(dateParse: StageDefinition): FunctionTables {
  return {
    filters: [
      ...TEXT_FILTERS,
      ...LAYOUT_FILTERS,
      ...NUMBER_FILTERS,
      ...LIST_FILTERS,
      ...SELECT_FILTERS,
      ...ORDER_FILTERS,
      ...JSON_FILTERS,
      ...NETWORK_FILTERS,
      ...REGEX_FILTERS,
      ...PATH_FILTERS,
      ...dateFilters(dateParse),
    ],
    tests: TESTS,
    methods: [...TEXT_METHODS, ...CONTAINER_METHODS, ...GLOBALS],
  };
}
