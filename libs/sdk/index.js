export * from '../../dist/libs/sdk/src/index.js';
