import { consulDashboard } from "./consul.js";
import type { Dashboard } from "./dashboard.js";
import { platformDashboard } from "./platform.js";
import { serviceDashboard } from "./service.js";
import { servicesDashboard } from "./services.js";

/** Every dashboard that is exported. */
export const DASHBOARDS: readonly Dashboard[] = [
  servicesDashboard,
  serviceDashboard,
  consulDashboard,
  platformDashboard,
];
