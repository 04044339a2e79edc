import { defineConfig } from 'vitest/config';

/** Run by run.sh, which sees to it that libvirt's test files are there. */
export default defineConfig({ test: { include: ['test/corpus/**/*.corpus.ts'] } });
