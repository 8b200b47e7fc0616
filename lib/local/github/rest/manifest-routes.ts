import { GitHubError } from '../github-error.ts';
import { appJson } from './app-json.ts';
import type { Route } from './route.ts';

const CONVERSIONS = 'https://docs.github.com/rest/apps/apps#create-a-github-app-from-a-manifest';
const GET_AN_APP = 'https://docs.github.com/rest/apps/apps#get-an-app';

/** Apps, for those who are none yet. */
export const manifestRoutes: readonly Route[] = [
  {
    method: 'POST',
    pattern: '/app-manifests/{code}/conversions',
    auth: 'anyone',
    handle: async (context) => {
      const { state, params, now } = context;
      const converted = await state.registrations.convert(params.code ?? '', now);
      if (!converted) throw new GitHubError(404, 'Not Found', { documentation: CONVERSIONS });
      const { app, pem, clientSecret, webhookSecret } = converted;
      return {
        status: 201,
        body: {
          ...appJson(context, app),
          client_secret: clientSecret,
          webhook_secret: webhookSecret,
          pem,
        },
      };
    },
  },
  {
    method: 'GET',
    pattern: '/apps/{slug}',
    auth: 'anyone',
    handle: (context) => {
      const app = context.state.apps.bySlug(context.params.slug ?? '');
      if (!app?.public) throw new GitHubError(404, 'Not Found', { documentation: GET_AN_APP });
      return { status: 200, body: appJson(context, app) };
    },
  },
];
