/** km's version, as in package.json: that of the command line, and of the platform stack that it deploys. */
export const VERSION = '0.1.0';
