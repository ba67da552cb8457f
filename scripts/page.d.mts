/** See page.mjs. */
export function bundlePage(text: string, options?: { readonly minify?: boolean }): Promise<string>
