import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';

/** Signs in by `enter` and then goes where the person wanted to go. */
export function useEntry<T>(from: '/sign-in' | '/sign-up', enter: (input: T) => Promise<unknown>) {
  const queries = useQueryClient();
  const router = useRouter();
  const { back = '/' } = useSearch({ from });
  return useMutation({
    mutationFn: enter,
    onSuccess: async () => {
      queries.clear();
      await router.navigate({ href: back });
    },
  });
}
