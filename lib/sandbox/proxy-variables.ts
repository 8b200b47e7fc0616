/** What `gh` and other clients are given where they want a token before they ask anything: the proxy puts the real one on. */
export const PLACEHOLDER_TOKEN = 'km-proxy-puts-the-token-on';

export interface ProxyVariablesOptions {
  /** `http://127.0.0.1:3128`. */
  readonly url: string;
  /** File with the proxy's CA certificate alone. */
  readonly ca: string;
  /** File with the system's CA certificates and the proxy's. */
  readonly bundle: string;
  /** The origin of git remotes, under its real name, and the REST base. */
  readonly github: { readonly git: string; readonly api: string };
}

/** Variables by which git, curl, Node, Python, Go and `gh` go through the proxy and trust its CA. None is a credential. */
export function proxyVariables({ url, ca, bundle, github }: ProxyVariablesOptions): Record<string, string> {
  const { host } = new URL(github.git);
  const isGitHubCom = host === 'github.com';
  return {
    http_proxy: url,
    https_proxy: url,
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    no_proxy: '',
    NO_PROXY: '',
    GIT_SSL_CAINFO: bundle,
    SSL_CERT_FILE: bundle,
    CURL_CA_BUNDLE: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    // Node adds it to its own list, where the others replace theirs.
    NODE_EXTRA_CA_CERTS: ca,
    NODE_USE_ENV_PROXY: '1',
    KM_GITHUB_URL: github.git,
    KM_GITHUB_API_URL: github.api,
    [isGitHubCom ? 'GH_TOKEN' : 'GH_ENTERPRISE_TOKEN']: PLACEHOLDER_TOKEN,
    ...(isGitHubCom ? {} : { GH_HOST: host }),
  };
}
