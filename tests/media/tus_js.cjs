// Uploads a file with tus-js-client as it comes; says how often it was told of progress, and where.
const { readFileSync } = require("node:fs");
const [packagePath, task] = process.argv.slice(2);
const tus = require(packagePath);
const { file, options, stopAt } = JSON.parse(task);

const upload = new tus.Upload(readFileSync(file), {
  ...options,
  retryDelays: [0, 100, 300],
  onError: (error) => {
    console.error(String(error));
    process.exit(1);
  },
  onChunkComplete: (size, accepted) => {
    if (stopAt && accepted >= stopAt)
      upload.abort().then(() => process.stdout.write(upload.url, () => process.exit(0)));
  },
  onSuccess: () => process.stdout.write(upload.url),
});
upload.start();
