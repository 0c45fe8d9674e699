import type { StackLayout } from '../layout.ts';
import type { Docker } from './engine.ts';

/** What every container of a stack shares. */
export interface ContainerContext {
  docker: Docker;
  stackId: string;
  network: string;
  layout: StackLayout;
  /** The named volume for a server's data, when data is to survive its container. */
  volume(name: string, target: string): { name: string; target: string } | undefined;
}
