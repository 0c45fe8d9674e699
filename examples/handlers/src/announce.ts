import { handlers } from '@hookline/handlers';

// An effect of a kind of your own, which `chat-kind.ts` adds to the relay.
export default handlers(({ on }) => {
  on('release.published', 'announce', ({ payload: { release, repository }, effects }) => {
    const text = `${repository.full_name} ${release.tag_name} is out: ${release.html_url}`;
    effects.add('chat.say', { room: 'releases', text }, { queue: 'chat' });
  });
});
