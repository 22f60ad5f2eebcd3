import { config } from 'zod/v4/core';

// The page's policy forbids code from text; Zod would try, and each try would be reported as a violation.
config({ jitless: true });
