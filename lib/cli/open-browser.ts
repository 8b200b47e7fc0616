import { spawn } from 'node:child_process';

/** The program that opens an address in the desktop's browser; nothing where there is no desktop to open it on. */
export function browserProgram(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (platform === 'darwin') return 'open';
  if (env.WSL_DISTRO_NAME) return 'wslview';
  return env.DISPLAY || env.WAYLAND_DISPLAY ? 'xdg-open' : undefined;
}

/**
 * Opens an http or https address in the browser, and does not wait for it. Neither the credentials nor the settings of
 * this process go with it. Returns whether there was anything to open it with.
 */
export function openBrowser(url: string, env: NodeJS.ProcessEnv): boolean {
  const program = browserProgram(process.platform, env);
  if (program === undefined || !/^https?:\/\//.test(url)) return false;
  const child = spawn(program, [url], {
    detached: true,
    stdio: 'ignore',
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:AWS|KM)_/.test(name))),
  });
  // Not installed: the address has been printed.
  child.on('error', () => undefined);
  child.unref();
  return true;
}
