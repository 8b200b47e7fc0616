import { type Asked, EVERYTHING, TOKEN } from '../server/scene.ts';
import { type Attack, attacks } from './attack.ts';
import { asked, bytes, head, json } from './shots.ts';

const OWN = '/repos/my-org/my-repo';
const ANY = { policy: EVERYTHING };
const PASSING = { inject: false, policy: EVERYTHING };
const SOUND = { shot: asked({ target: OWN, headers: { authorization: `Bearer ${TOKEN}` } }) };
const OTHERS = 'ghp_ofSomebodyElse';

const basic = (text: string): string => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;

/** Where the client's own token passes, if km issued it. */
const given = (title: string, authorization: string, rule: Attack['rule'] = 'credential'): Attack => ({
  title,
  shot: asked({ target: OWN, headers: { authorization } }),
  rule,
  under: PASSING,
  control: SOUND,
});

const queried = (title: string, request: Asked): Attack => ({
  title,
  shot: asked(request),
  rule: 'credential',
  under: ANY,
  control: { shot: asked({ ...request, target: request.target.replace(/[?].*/, '') }) },
});

const headed = (title: string, rule: Attack['rule'], ...lines: readonly string[]): Attack => ({
  title,
  shot: bytes(head(`GET ${OWN} HTTP/1.1`, 'Host: api.github.com', 'Connection: close', ...lines)),
  rule,
  under: ANY,
  control: { shot: bytes(head(`GET ${OWN} HTTP/1.1`, 'Host: api.github.com', 'Connection: close')) },
});

attacks('credentials', [
  given("another account's token", `Bearer ${OTHERS}`),
  given("another account's token by the scheme token", `token ${OTHERS}`),
  given("another account's password", basic(`other:${OTHERS}`)),
  given("another account's token as a user", basic(`${OTHERS}:`)),
  given("another account's token behind the sandbox's as a user", basic(`${TOKEN}:${OTHERS}`)),
  given("another account's token as a user, with x-oauth-basic", basic(`${OTHERS}:x-oauth-basic`)),
  given("another account's token as a user, with the sandbox's in its name", basic(`${OTHERS}:${TOKEN}x`)),
  given("the sandbox's token with something behind it", `Bearer ${TOKEN}x`),
  given("the sandbox's token in other letters", `Bearer ${TOKEN.toUpperCase()}`),
  given("the beginning of the sandbox's token", `Bearer ${TOKEN.slice(0, -1)}`),
  given('two tokens in one header', `Bearer ${TOKEN}, Bearer ${OTHERS}`),
  given('two tokens with a space between', `Bearer ${TOKEN} ${OTHERS}`),
  given('a scheme that nobody reads', `Digest ${TOKEN}`),
  given('a scheme without a token', 'Bearer'),
  given('a token without a scheme', TOKEN),
  given('a NUL within Basic', basic(`x:${TOKEN}\0${OTHERS}`)),
  given('a token of an app', 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.x'),
  {
    title: "another account's token for a push",
    shot: asked({
      host: 'github.com',
      target: '/my-org/my-repo.git/info/refs?service=git-receive-pack',
      headers: { authorization: basic(`x:${OTHERS}`) },
    }),
    rule: 'credential',
    under: PASSING,
    control: { under: { ...PASSING, inject: true } },
  },
  {
    title: "another account's token for what carries no repository",
    shot: asked({ target: '/user', headers: { authorization: `Bearer ${OTHERS}` } }),
    rule: 'credential',
    under: PASSING,
    control: { under: { ...PASSING, inject: true } },
  },
  {
    title: "another account's token for GraphQL",
    shot: asked({
      ...json('/graphql', { query: '{viewer{login}}' }),
      headers: { authorization: `Bearer ${OTHERS}` },
    }),
    rule: 'credential',
    under: PASSING,
    control: { under: { ...PASSING, inject: true } },
  },
  queried('a token in the query', { target: `${OWN}?access_token=${OTHERS}` }),
  queried('a token in the query, in other letters', { target: `${OWN}?Access-Token=${OTHERS}` }),
  queried('a token in the query, encoded', { target: `${OWN}?access%5ftoken=${OTHERS}` }),
  queried('a token in the query, as a list', { target: `${OWN}?access_token[]=${OTHERS}` }),
  queried('a token in the query behind another parameter', { target: `${OWN}?x=1&token=${OTHERS}` }),
  queried('the secret of an app in the query', { target: `${OWN}?client_id=x&client_secret=y` }),
  queried('a token in the query of an archive', {
    host: 'github.com',
    target: `/my-org/my-repo/archive/main.zip?token=${OTHERS}`,
  }),
  queried('a token in the query of a write', json(`${OWN}/issues?access_token=${OTHERS}`, {})),
  queried('a token in the query of a file', {
    host: 'raw.githubusercontent.com',
    target: `/my-org/my-repo/main/x?access_token=${OTHERS}`,
  }),
  headed('two Authorizations', 'http', `Authorization: Bearer ${TOKEN}`, `Authorization: Bearer ${OTHERS}`),
  headed('an Authorization on a folded line', 'http', 'Authorization:', ` Bearer ${OTHERS}`),
  headed('an Authorization with a space before its colon', 'http', `Authorization : Bearer ${OTHERS}`),
  headed('an Authorization for the next proxy', 'http', `Proxy-Authorization: Bearer ${OTHERS}`),
]);
