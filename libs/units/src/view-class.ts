/**
 * What a job's view asks for, as an owner may allow or deny it, from the least to the most. It is computed from the view, not claimed by the
 * developer.
 */
export const VIEW_CLASSES = ['pure', 'files', 'scratch'] as const;
export type ViewClass = (typeof VIEW_CLASSES)[number];

/** One sentence each, for owners. */
export const VIEW_CLASS_SENTENCES: Readonly<Record<ViewClass, string>> = {
  pure: 'Computes from its input alone and sees no files.',
  files: 'Also reads files that the job brings along; it can change none of them.',
  scratch: 'Also keeps scratch files in memory, which are gone when the task ends.',
};

/** The class of a view: the most that it asks for. */
export function viewClassOf(view: { readonly files: readonly unknown[]; readonly scratch: object | null }): ViewClass {
  if (view.scratch !== null) return 'scratch';
  return view.files.length > 0 ? 'files' : 'pure';
}
