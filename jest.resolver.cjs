// Our imports name the `.js` that a `.ts` file would be compiled to, as Node and TypeScript want it in ES modules.
module.exports = (path, options) => {
  const isOurs = path.startsWith(".") && path.endsWith(".js") && !options.basedir.includes("/node_modules/");
  if (isOurs)
    try {
      return options.defaultResolver(path.replace(/\.js$/, ".ts"), options);
    } catch {}
  return options.defaultResolver(path, options);
};
