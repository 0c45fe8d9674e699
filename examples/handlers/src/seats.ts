import { handlers } from '@hookline/handlers';

export default handlers(({ on }) => {
  on(
    ['organization.member_added', 'organization.member_removed'],
    'seats',
    ({ payload: { action, organization, membership }, effects }) => {
      const body = { organization: organization.login, member: membership.user?.login, action };
      effects.post({ url: 'https://billing.example/seats', body, signWith: 'billing' });
    },
  );
});
