// The resident's app starts here.
import '../shared/ui/index.css';
import './app.css';

import { mount } from 'svelte';

import App from './App.svelte';

document.documentElement.lang = localStorage.getItem('lang') === 'en' ? 'en' : 'pl';
const target = document.getElementById('app');
if (target) mount(App, { target });
