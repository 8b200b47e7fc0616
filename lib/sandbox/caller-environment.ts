type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of the caller that a sandbox may see: where programs are, how the terminal speaks, which CAs to trust. */
const PASSED =
  /^(?:PATH|TERM|COLORTERM|NO_COLOR|LANG|LANGUAGE|LC_[A-Z]+|TZ|USER|LOGNAME|SHELL|SSL_CERT_FILE|SSL_CERT_DIR|CURL_CA_BUNDLE|GIT_SSL_CAINFO|NODE_EXTRA_CA_CERTS)$/;

/** What of the caller's environment a command in a sandbox is started with. */
export function callerEnvironment(caller: Environment): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(caller)) {
    if (value !== undefined && PASSED.test(name)) env[name] = value;
  }
  return env;
}
