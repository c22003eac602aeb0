import { AVAILABILITY } from "../records/availability.js";
import type { RecordCases } from "./case.js";
import { inState, others, UP, WELL } from "./services.js";

/** At which share and number services count as many. */
export const AVAILABILITY_CASES: RecordCases = {
  name: "availability",
  step: 5,
  cases: [
    {
      name: "half of ten are not many, and six of eleven are",
      series: others("search", 10, 5),
      checks: [
        { at: 10, record: AVAILABILITY.watched, samples: { "{}": 10 } },
        { at: 10, record: AVAILABILITY.downRatio, samples: { "{}": 0.5 } },
        { at: 10, record: AVAILABILITY.many, samples: {} },
        { at: 10, record: AVAILABILITY.teamWatched, samples: { '{team="search"}': 10 } },
        { at: 10, record: AVAILABILITY.teamDownRatio, samples: { '{team="search"}': 0.5 } },
        { at: 10, record: AVAILABILITY.teamMany, samples: {} },
      ],
    },
    {
      name: "six of ten are many",
      series: others("search", 10, 6),
      checks: [
        { at: 10, record: AVAILABILITY.many, samples: { "{}": 0.6 } },
        { at: 10, record: AVAILABILITY.teamMany, samples: { '{team="search"}': 0.6 } },
      ],
    },
    {
      name: "of nine all are not many, but they are a team",
      series: others("search", 9, 9),
      checks: [
        { at: 10, record: AVAILABILITY.many, samples: {} },
        { at: 10, record: AVAILABILITY.teamMany, samples: { '{team="search"}': 1 } },
      ],
    },
    {
      name: "two of three services are a team's, two of two are not",
      series: { ...others("search", 3, 2), ...others("books", 2, 2) },
      checks: [
        { at: 10, record: AVAILABILITY.downRatio, samples: { "{}": 0.8 } },
        { at: 10, record: AVAILABILITY.teamMany, samples: { '{team="search"}': 2 / 3 } },
      ],
    },
    {
      name: "nothing down is a ratio of 0",
      series: WELL,
      checks: [
        { at: 10, record: AVAILABILITY.downRatio, samples: { "{}": 0 } },
        { at: 10, record: AVAILABILITY.down, samples: {} },
      ],
    },
    {
      name: "what nobody is told about is not counted, down or not",
      series: { 'rollcall_service_up{service="silent",team="search"}': 0, ...others("search", 2, 1) },
      checks: [
        { at: 10, record: AVAILABILITY.watched, samples: { "{}": 2 } },
        { at: 10, record: AVAILABILITY.teamWatched, samples: { '{team="search"}': 2 } },
        { at: 10, record: AVAILABILITY.downRatio, samples: { "{}": 0.5 } },
      ],
    },
    {
      name: "a service that is down is 1, with its severity, unless all of it is in maintenance",
      series: {
        ...WELL,
        [UP]: 0,
        [inState("critical")]: [
          [0, 20],
          [1, 20],
        ],
        [inState("maintenance")]: 1,
      },
      checks: [
        { at: 10, record: AVAILABILITY.down, samples: {} },
        {
          at: 30,
          record: AVAILABILITY.down,
          samples: { '{service="billing",team="payments",severity="page"}': 1 },
        },
      ],
    },
  ],
};
