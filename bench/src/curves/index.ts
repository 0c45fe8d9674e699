import { identitiesCurve, partitionsCurve, repositoriesCurve } from './backlog.ts';
import { bodySizeCurve } from './body-size.ts';
import type { Curve } from './curve.ts';
import { loadCurve } from './load.ts';
import { openLanesCurve } from './open-lanes.ts';

export const CURVES: readonly Curve[] = [
  loadCurve,
  bodySizeCurve,
  partitionsCurve,
  repositoriesCurve,
  identitiesCurve,
  openLanesCurve,
];
