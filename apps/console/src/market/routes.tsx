/** The market is public: no area of its own, no guard. */
export const marketRoutes = [] as const;
