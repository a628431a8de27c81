import { mount, type Component } from 'svelte';

type Loader = () => Promise<{ default: Component<{ config: never }> }>;

/**
 * Brings to life each `<div data-island="name" data-config="id">` of a Django page. The config is the
 * JSON in the element of that id (Django's json_script); a page pays only for the islands it has.
 */
export async function mountIslands(loaders: Record<string, Loader>, root: ParentNode = document): Promise<void> {
  const targets = [...root.querySelectorAll<HTMLElement>('[data-island]')];
  await Promise.all(targets.map((target) => mountIsland(target, loaders)));
}

async function mountIsland(target: HTMLElement, loaders: Record<string, Loader>): Promise<void> {
  const name = target.dataset.island ?? '';
  const load = loaders[name];
  if (!load) throw new Error(`no island "${name}"`);
  const { default: component } = await load();
  target.replaceChildren();
  mount(component, { target, props: { config: configOf(target) as never } });
}

function configOf(target: HTMLElement): unknown {
  const holder = document.getElementById(target.dataset.config ?? '');
  return holder?.textContent ? JSON.parse(holder.textContent) : null;
}
