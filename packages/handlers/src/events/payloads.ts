import type { components, webhooks } from '@octokit/openapi-webhooks-types';
import type { ANY_ACTION, GITHUB_EVENTS } from './github-events.ts';

type Events = typeof GITHUB_EVENTS;
type AnyAction = (typeof ANY_ACTION)[number];

/** Name of an event of GitHub's. */
export type GithubEvent = keyof Events;

type ActionOf<Event extends GithubEvent> = Events[Event][number];

/** What can be asked for: every event, one, or one action of one. */
export type EventName =
  | '*'
  | GithubEvent
  | { [Event in GithubEvent]: `${Event}.${ActionOf<Event>}` }[GithubEvent]
  | `${AnyAction}.${string}`;

type Schemas = components['schemas'];

/** What is known of a payload whatever its event is. */
export interface AnyPayload {
  action?: string;
  repository?: Schemas['repository-webhooks'];
  organization?: Schemas['organization-simple-webhooks'];
  enterprise?: Schemas['enterprise-webhooks'];
  installation?: Schemas['simple-installation'];
  sender?: Schemas['simple-user'];
  [field: string]: unknown;
}

type Dashed<Name extends string> = Name extends `${infer Head}_${infer Tail}` ? `${Head}-${Dashed<Tail>}` : Name;

/** Names of GitHub's descriptions that are not made of event and action. */
interface OddNames {
  'custom-property-promote-to-enterprise': 'custom-property-promoted-to-enterprise';
}

type DescribedAs<Name extends string> = Name extends keyof OddNames ? OddNames[Name] : Name;

/** What github.com describes; of events that only other products have, no more is known than of any. */
type Described<Name extends string> = Name extends keyof webhooks
  ? webhooks[Name]['post']['requestBody']['content']['application/json']
  : AnyPayload;

type OfAction<Event extends string, Action extends string> = Action extends string
  ? Described<DescribedAs<`${Dashed<Event>}-${Dashed<Action>}`>>
  : never;

type OfEvent<Event extends GithubEvent> = Event extends AnyAction
  ? Described<'repository-dispatch-sample.collected'>
  : [ActionOf<Event>] extends [never]
    ? Described<Dashed<Event>>
    : OfAction<Event, ActionOf<Event>>;

/** The payload of what is asked for, by GitHub's own definition. */
export type PayloadOf<Name extends EventName> = Name extends '*'
  ? AnyPayload
  : Name extends GithubEvent
    ? OfEvent<Name>
    : Name extends `${infer Event}.${infer Action}`
      ? Event extends AnyAction
        ? OfEvent<Event>
        : OfAction<Event, Action>
      : never;
