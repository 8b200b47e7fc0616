import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

/** Where systems keep the CA certificates that they trust; the first that is there. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

export interface TrustFiles {
  /** The proxy's CA certificate alone. */
  readonly ca: string;
  /** With those that the system trusts, for what is tunnelled unread. */
  readonly bundle: string;
}

export interface WriteTrustFilesOptions {
  readonly folder: string;
  /** The certificate, PEM. It holds no key. */
  readonly caPem: string;
  /** The caller's own bundle (`SSL_CERT_FILE`), instead of the system's. */
  readonly systemBundle?: string | undefined;
}

/** Writes what a sandbox is to trust, readable by everyone; each file is put in place by renaming. */
export async function writeTrustFiles(options: WriteTrustFilesOptions): Promise<TrustFiles> {
  const { folder, caPem, systemBundle } = options;
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const files = { ca: join(folder, 'ca.pem'), bundle: join(folder, 'bundle.pem') };
  const system = await firstReadable(systemBundle ? [systemBundle] : SYSTEM_BUNDLES);
  await put(files.ca, caPem);
  await put(files.bundle, `${system.trimEnd()}\n${caPem}`);
  return files;
}

async function firstReadable(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return rootCertificates.join('\n');
}

async function put(file: string, content: string): Promise<void> {
  const next = `${file}.${process.pid}`;
  await writeFile(next, content);
  // Whatever the umask: it is public, and other users have to read it.
  await chmod(next, 0o644);
  await rename(next, file);
}
