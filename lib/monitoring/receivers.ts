/** The receiver that is told all the time, while anybody is told anything. */
export const DEAD_MANS_SWITCH = "dead-mans-switch";

/** Where the monitor takes what Alertmanager tells; the receiver's name follows. */
export const ALERTS_PATH = "/alerts/";
