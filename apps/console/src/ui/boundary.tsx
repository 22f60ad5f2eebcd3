import { Component, type ReactNode } from 'react';
import { TEXT } from '../text/en.js';
import ui from './ui.module.css';

/** A defect of the page is a sentence, not a blank page. */
export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError = () => ({ broken: true });

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <main className={ui.page}>
        <p role="alert">{TEXT.problem.unexpected}</p>
        <button type="button" className={ui.button} onClick={() => location.reload()}>
          {TEXT.problem.reload}
        </button>
      </main>
    );
  }
}
