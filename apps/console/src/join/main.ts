import '../ui/base.css';

// A browser that lacks something has been told so by check.ts, and is spared the rest.
if (document.documentElement.dataset.lacks === undefined) {
  const { run } = await import('./run.js');
  run();
}
