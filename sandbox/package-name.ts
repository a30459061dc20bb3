const PACKAGE_NAME = /^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i;

/** Whether npm could install a package of this name: such a name is no path. */
export const isPackageName = (name: string): boolean =>
  name.length <= 214 && name !== 'node_modules' && PACKAGE_NAME.test(name);
