// The report's page: reads the data that stands in it, shows one view at a time, keeps the view, the
// filters and the open item in the URL's fragment. Every text of the data becomes a text node.
(function () {
  'use strict';
  const data = JSON.parse(document.getElementById('data').textContent);
  const VIEWS = [
    ['matrix', 'Coverage'], ['definitions', 'Definitions'], ['models', 'Models'],
    ['functions', 'Functions'], ['plots', 'Plots'], ['run', 'Run'],
  ];
  const COLOURS = 10;
  const byId = (id) => document.getElementById(id);
  const main = byId('main'), detail = byId('detail');

  // ---- elements -----------------------------------------------------------------------------
  function el(tag, attributes, ...children) {
    const e = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (key.startsWith('on')) e.addEventListener(key.slice(2), value);
      else if (key === 'class') e.className = value;
      else e.setAttribute(key, value === true ? '' : value);
    }
    for (const c of children.flat()) if (c !== null && c !== undefined && c !== '') e.append(c);
    return e;
  }
  const escapes = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};
  const esc = (s) => String(s).replace(/[&<>"]/g, (c) => escapes[c]);
  const plural = (n, one) => `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;
  const percent = (x) => (100 * x).toFixed(1) + ' %';
  function say(text) {
    const said = byId('said');
    said.textContent = text;
    said.classList.add('on');
    setTimeout(() => said.classList.remove('on'), 1600);
  }

  // ---- the data, with what is asked of it often ----------------------------------------------
  const models = data.models, definitions = data.definitions;
  const content = (d) => d.axes !== undefined;
  const decoded = new Map();
  function tensors(number) {
    if (!decoded.has(number)) decoded.set(number, JSON.parse(data.texts[number]));
    return decoded.get(number);
  }
  function axesText(d) {
    return content(d) ? d.axes.filter((a) => a[1] !== null).map((a) => a[0] + '=' + a[1]).join(' ') : '';
  }
  definitions.forEach((d, i) => {
    d.number = i;
    d.line = axesText(d);
    d.checkpoints = [...new Set(d.models.map((m) => models[m].checkpoint))];
    d.words = [d.name, d.op_type, d.family, d.what, d.status, ' ' + d.line + ' ', (d.modes || []).join(' '),
      d.models.map((m) => models[m].checkpoint + ' ' + models[m].deployment).join(' ')]
      .join('\n').toLowerCase();
  });
  models.forEach((m, i) => { m.number = i; });
  const opTypes = [...new Set(definitions.map((d) => d.op_type))].sort();
  const checkpoints = [...new Set(models.map((m) => m.checkpoint))];
  function sums(list, key) {
    const out = {launches: 0, flops: 0, bytes: 0};
    for (const s of list) for (const k of Object.keys(out)) out[k] += s[key][k];
    return out;
  }
  const ran = (m) => (m.steps || []).filter((s) => s.status === 'ok');
  function coverage(list) {  // of launches, bytes, operations; null where no step ran
    const steps = list.flatMap(ran);
    if (!steps.length) return null;
    const all = sums(steps, 'all'), whole = sums(steps, 'whole'), part = sums(steps, 'part');
    return Object.fromEntries(Object.keys(all).map((k) =>
      [k, all[k] ? (whole[k] + part[k]) / all[k] : 1]));
  }
  const uncovered = (m) => new Set(ran(m).flatMap((s) => s.without.map((f) => f.function))).size;
  function why(m) {
    if (m.error) return m.error_type + ': ' + m.error;
    return m.error_type + ': ' + ((m.where || []).slice(-1)[0] || '');
  }

  // ---- state, in the URL -----------------------------------------------------------------------
  const KEYS = ['view', 'q', 'op', 'model', 'deployment', 'status', 'item', 'sort'];
  let state = {};
  function readState() {
    const given = new URLSearchParams(location.hash.slice(1));
    state = Object.fromEntries(KEYS.map((k) => [k, given.get(k) || '']));
    if (!VIEWS.some((v) => v[0] === state.view)) state.view = 'matrix';
  }
  function go(change, replace) {
    const next = {...state, ...change};
    const text = new URLSearchParams(KEYS.filter((k) => next[k] && !(k === 'view' && next[k] === 'matrix'))
      .map((k) => [k, next[k]])).toString();
    if (replace) history.replaceState(null, '', '#' + text);
    else if (location.hash.slice(1) !== text) history.pushState(null, '', '#' + text);
    draw();
  }
  function fitsModel(m) {
    return (!state.model || m.checkpoint === state.model) &&
      (!state.deployment || m.deployment === state.deployment);
  }
  const words = () => state.q.toLowerCase().split(/\s+/).filter(Boolean);
  function fitsDefinition(d, w) {
    if (state.op && d.op_type !== state.op) return false;
    if (state.status && d.status !== state.status) return false;
    if ((state.model || state.deployment) && !d.models.some((m) => fitsModel(models[m]))) return false;
    // "n=128" is a whole axis, not the beginning of n=1280.
    return w.every((word) => d.words.includes(word.includes('=') ? ` ${word} ` : word));
  }
  function chosenDefinitions() {
    const w = words();
    return definitions.filter((d) => fitsDefinition(d, w));
  }
  function chosenModels() {
    const w = words();
    const kept = w.length || state.op || ['new', 'existing', 'conflict', 'invalid'].includes(state.status)
      ? new Set(chosenDefinitions().flatMap((d) => d.models)) : null;
    return models.filter((m) => {
      if (!fitsModel(m)) return false;
      if (['ok', 'refused', 'failed'].includes(state.status) && m.status !== state.status) return false;
      const text = (m.checkpoint + ' ' + m.deployment + ' ' + (m.architecture || '') + ' ' + (m.error || '')).toLowerCase();
      return !kept || kept.has(m.number) || (!state.op && w.length && w.every((x) => text.includes(x)));
    });
  }

  // ---- views -----------------------------------------------------------------------------------
  const opened = new Set();
  function tile(n, name, kind, change) {
    const parts = [el('b', {}, typeof n === 'number' ? n.toLocaleString('en') : n), name];
    const c = 'tile' + (kind && n ? ' ' + kind : '');
    return change ? el('button', {class: c, type: 'button', style: 'cursor:pointer', onclick: () => go(change)}, ...parts)
      : el('div', {class: c}, ...parts);
  }
  function tiles(list, of) {
    const count = (k) => of.filter((d) => d.status === k).length;
    const cover = coverage(list);
    return el('div', {class: 'tiles'},
      tile(of.length, 'definitions', '', {view: 'definitions'}),
      tile(count('new'), 'new', '', {view: 'definitions', status: 'new'}),
      tile(count('conflict'), 'conflicts', 'warn', {view: 'definitions', status: 'conflict'}),
      tile(list.length, 'deployments of ' + new Set(list.map((m) => m.checkpoint)).size + ' checkpoints', '', {view: 'models'}),
      tile(list.filter((m) => m.status === 'refused').length, 'refused by the engine', 'warn', {view: 'models', status: 'refused'}),
      tile(list.filter((m) => m.status === 'failed').length, 'failed in kdex', 'bad', {view: 'models', status: 'failed'}),
      cover ? tile(percent(cover.launches), 'of launches') : null,
      cover ? tile(percent(cover.bytes), 'of bytes') : null,
      cover ? tile(percent(cover.flops), 'of operations have a definition') : null,
      (data.deviations || []).length ? tile(data.deviations.length, 'fail the run', 'bad', {view: 'run'}) : null,
      data.errors.length ? tile(data.errors.length, 'errors', 'bad', {view: 'run'}) : null);
  }

  function matrix() {
    const list = chosenModels();
    const defs = chosenDefinitions();
    const kept = new Set(defs.map((d) => d.number));
    const types = opTypes.filter((t) => defs.some((d) => d.op_type === t));
    const count = (ms, type) => new Set(ms.flatMap((m) => m.definitions)
      .filter((d) => kept.has(d) && definitions[d].op_type === type)).size;
    let most = 1;
    const rows = [];
    for (const c of checkpoints) {
      const of = list.filter((m) => m.checkpoint === c);
      if (!of.length) continue;
      const numbers = types.map((t) => count(of, t));
      most = Math.max(most, ...numbers);
      rows.push({name: c, of, numbers});
    }
    const shade = (n) => n ? `background:rgba(var(--cell),${(0.08 + 0.5 * n / most).toFixed(3)})` : '';
    const cell = (n, change, title) => el('td', {class: 'n', style: shade(n)},
      n ? el('button', {type: 'button', title, onclick: () => go(change)}, String(n)) : el('span', {class: 'none'}, ''));
    const without = (ms, change) => {
      const n = new Set(ms.flatMap((m) => ran(m).flatMap((s) => s.without.map((f) => f.function)))).size;
      return el('td', {class: 'n'}, n ? el('button', {type: 'button', class: 'none', title: 'kernel functions that its steps launch and that have no definition', onclick: () => go(change)}, String(n)) : '');
    };
    const share = (ms) => {
      const cover = coverage(ms);
      return el('td', {class: 'n', style: 'padding:4px 10px'}, cover ? percent(cover.bytes) : '');
    };
    const body = el('tbody');
    for (const r of rows) {
      const is = opened.has(r.name) || rows.length === 1;
      const refused = r.of.filter((m) => m.status !== 'ok');
      body.append(el('tr', {class: 'sum'},
        el('th', {scope: 'row'}, el('button', {class: 'link', type: 'button', 'aria-expanded': is, onclick: () => {
          if (opened.has(r.name)) opened.delete(r.name); else opened.add(r.name);
          draw();
        }}, el('span', {class: 'twist', 'aria-hidden': 'true'}, is ? '\u25BE' : '\u25B8'), r.name)),
        types.map((t, i) => cell(r.numbers[i], {view: 'definitions', model: r.name, op: t}, `${r.name}: ${t}`)),
        without(r.of, {view: 'functions', model: r.name}),
        el('td', {class: 'n'}, refused.length ? el('button', {type: 'button', class: 'refused', title: refused.map((m) => m.deployment + ': ' + why(m)).join('\n'), onclick: () => go({view: 'models', model: r.name, status: ''})}, `${refused.length} of ${r.of.length}`) : ''),
        share(r.of)));
      if (!is) continue;
      for (const m of r.of) {
        const name = el('th', {scope: 'row', class: 'of'}, el('button', {class: 'link', type: 'button', onclick: () => go({item: 'model:' + m.number})}, m.deployment));
        if (m.status !== 'ok') {
          body.append(el('tr', {}, name, el('td', {colspan: types.length + 3}, el('span', {class: 's ' + m.status}, m.status), ' ', why(m))));
          continue;
        }
        body.append(el('tr', {}, name,
          types.map((t) => cell(count([m], t), {view: 'definitions', model: r.name, deployment: m.deployment, op: t}, `${r.name} ${m.deployment}: ${t}`)),
          without([m], {view: 'functions', model: r.name, deployment: m.deployment}), el('td'), share([m])));
      }
    }
    main.append(tiles(list, defs));
    if (!rows.length) return main.append(el('p', {class: 'dim'}, 'Nothing fits the filters.'));
    main.append(el('p', {class: 'count'}, 'Definitions by checkpoint and op type. A click on a number lists them, one on a checkpoint shows its deployments.'));
    main.append(el('div', {class: 'scroll matrix'}, el('table', {},
      el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, 'checkpoint'),
        types.map((t) => el('th', {scope: 'col', class: 'n'}, el('button', {type: 'button', onclick: () => go({op: state.op === t ? '' : t})}, t))),
        el('th', {scope: 'col', class: 'n', title: 'kernel functions without a definition'}, 'functions without'),
        el('th', {scope: 'col', class: 'n'}, 'refused'), el('th', {scope: 'col', class: 'n'}, 'of bytes'))),
      body)));
  }

  // A list of thousands of rows: those that can be seen are there.
  const SORTS = {
    name: (a, b) => a.name.localeCompare(b.name, 'en', {numeric: true}),
    'op type': (a, b) => a.op_type.localeCompare(b.op_type),
    status: (a, b) => a.status.localeCompare(b.status),
    models: (a, b) => b.checkpoints.length - a.checkpoints.length,
    modes: (a, b) => (a.modes || []).join().localeCompare((b.modes || []).join()),
    axes: (a, b) => a.line.localeCompare(b.line, 'en', {numeric: true}),
  };
  let list = [], at = -1, paint = () => {};
  function definitionRow(d, i, height) {
    return el('div', {class: 'row' + (i === at ? ' at' : ''), role: 'row', style: `top:${i * height}px`, 'data-i': i},
      el('code', {role: 'cell'}, d.name), el('span', {role: 'cell'}, d.op_type),
      el('span', {role: 'cell', class: 's ' + d.status}, d.status),
      el('span', {role: 'cell', class: 'dim', title: d.checkpoints.join('\n')}, plural(d.checkpoints.length, 'model')),
      el('span', {role: 'cell', class: 'dim'}, (d.modes || []).join(', ')), el('code', {role: 'cell', class: 'dim'}, d.line));
  }
  function definitionsView() {
    list = chosenDefinitions();
    const [key, down] = state.sort.split('-');
    list.sort((a, b) => SORTS[key] ? SORTS[key](a, b) * (down ? -1 : 1) : SORTS['op type'](a, b) || SORTS.name(a, b));
    at = list.findIndex((d) => state.item === 'definition:' + d.name);
    main.append(el('p', {class: 'count', role: 'status'}, list.length === definitions.length ? plural(list.length, 'definition')
      : `${plural(list.length, 'definition')} of ${definitions.length.toLocaleString('en')}`));
    const narrow = matchMedia('(max-width: 640px)').matches;
    const height = narrow ? 50 : 30, top = narrow ? 0 : 30;
    const sizer = el('div', {class: 'sizer', style: `height:${list.length * height}px`});
    const head = el('div', {class: 'head', role: 'row'}, Object.keys(SORTS).map((k) => el('button', {type: 'button', role: 'columnheader',
      'aria-sort': key === k ? (down ? 'descending' : 'ascending') : 'none',
      onclick: () => go({sort: key === k && !down ? k + '-down' : k}, true)}, k + (key === k ? (down ? ' \u25BC' : ' \u25B2') : ''))));
    const box = el('div', {class: 'rows', role: 'table', tabindex: '0', 'aria-rowcount': list.length, 'aria-label': 'definitions'}, head, sizer);
    main.append(box);
    let shown = '';
    paint = (all) => {
      const first = all ? 0 : Math.max(0, Math.floor((box.scrollTop - top) / height) - 8);
      const last = all ? list.length : Math.min(list.length, first + Math.ceil(box.clientHeight / height) + 16);
      const now = first + '-' + last + '-' + at;
      if (now === shown) return;
      shown = now;
      const part = document.createDocumentFragment();
      for (let i = first; i < last; i++) part.append(definitionRow(list[i], i, height));
      sizer.replaceChildren(part);
    };
    box.addEventListener('scroll', () => requestAnimationFrame(() => paint()), {passive: true});
    sizer.addEventListener('click', (e) => {
      const row = e.target.closest('.row');
      if (row) go({item: 'definition:' + list[row.dataset.i].name});
    });
    box.addEventListener('keydown', (e) => {
      const step = {ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 15, PageUp: -15, Home: -1e9, End: 1e9}[e.key];
      if (e.key === 'Enter' && at >= 0) { e.preventDefault(); return go({item: 'definition:' + list[at].name}); }
      if (!step || !list.length || e.ctrlKey || e.metaKey) return;
      e.preventDefault();
      at = Math.min(list.length - 1, Math.max(0, at + step));
      reveal(box, height, top);
      paint();
    });
    paint();
    if (at >= 0) { reveal(box, height, top); paint(); }
  }
  function reveal(box, height, top) {
    const y = at * height;
    if (y < box.scrollTop) box.scrollTop = y;
    else if (y + height > box.scrollTop + box.clientHeight - top) box.scrollTop = y + height - box.clientHeight + top;
  }

  function meter(x) {
    return el('span', {}, el('span', {class: 'meter', 'aria-hidden': 'true'}, el('i', {style: `width:${(100 * x).toFixed(1)}%`})), percent(x));
  }
  function modelsView() {
    const chosen = chosenModels();
    main.append(el('p', {class: 'count'}, plural(chosen.length, 'deployment')));
    const head = ['checkpoint', 'deployment', 'status', 'definitions', 'unmatched', 'functions without', 'of launches', 'of bytes', 'architecture'];
    main.append(el('div', {class: 'scroll full'}, el('table', {}, el('thead', {}, el('tr', {}, head.map((h, i) => el('th', {scope: 'col', class: i > 2 && i < 6 ? 'n' : null}, h)))),
      el('tbody', {}, chosen.map((m) => {
        const open = () => go({item: 'model:' + m.number});
        const cover = coverage([m]);
        return el('tr', {}, el('td', {}, el('button', {class: 'link', type: 'button', onclick: open}, m.checkpoint)), el('td', {}, m.deployment),
          el('td', {class: 's ' + m.status}, m.status),
          m.status === 'ok' ? [el('td', {class: 'n'}, String(m.definitions.length)), el('td', {class: 'n'}, String(m.unmatched.length)),
            el('td', {class: 'n'}, String(uncovered(m))), el('td', {}, cover ? meter(cover.launches) : ''), el('td', {}, cover ? meter(cover.bytes) : ''),
            el('td', {}, m.architecture)] : el('td', {colspan: 6}, why(m)));
      })))));
  }

  function functionSums(chosen) {
    const out = new Map();
    for (const m of chosen)
      for (const s of ran(m))
        for (const f of s.without) {
          if (!out.has(f.function)) out.set(f.function, {name: f.function, role: f.role, launches: 0, bytes: 0, flops: 0, models: new Set(), modes: new Set()});
          const o = out.get(f.function);
          for (const k of ['launches', 'bytes', 'flops']) o[k] += f[k];
          o.models.add(m.checkpoint);
          o.modes.add(s.mode);
        }
    return [...out.values()].sort((a, b) => b.launches - a.launches);
  }
  function functionsView() {
    const chosen = models.filter(fitsModel), w = words();
    const all = sums(chosen.flatMap(ran), 'all');
    const found = functionSums(chosen).filter((f) => w.every((x) => (f.name + ' ' + f.role).toLowerCase().includes(x)));
    main.append(el('p', {class: 'count'}, plural(found.length, 'kernel function'), ' that steps launch and that no definition is or has a part in'));
    if (!found.length) return;
    main.append(el('div', {class: 'scroll full'}, el('table', {}, el('thead', {}, el('tr', {}, ['function', 'role', 'launches', 'of launches', 'of bytes', 'modes', 'checkpoints'].map((h) => el('th', {scope: 'col'}, h)))),
      el('tbody', {}, found.map((f) => el('tr', {}, el('td', {}, el('code', {}, f.name)), el('td', {}, f.role),
        el('td', {class: 'n'}, f.launches.toLocaleString('en')), el('td', {}, meter(all.launches ? f.launches / all.launches : 0)),
        el('td', {}, meter(all.bytes ? f.bytes / all.bytes : 0)), el('td', {}, [...f.modes].join(', ')),
        el('td', {}, el('details', {}, el('summary', {}, plural(f.models.size, 'checkpoint')),
          el('ul', {class: 'plain'}, [...f.models].map((c) => el('li', {}, el('button', {class: 'link', type: 'button', onclick: () => go({model: c})}, c))))))))))));
  }

  // ---- plots -----------------------------------------------------------------------------------
  const colour = (i) => `var(--c${i % COLOURS})`;
  function legend(names) {
    return el('div', {class: 'legend'}, names.map((n, i) => el('span', {}, el('i', {style: 'background:' + colour(i)}), n)));
  }
  const W = 1000, H = 560, LEFT = 70, BOTTOM = 44;
  function scatter() {
    const points = chosenDefinitions().map((d) => {
      const axes = Object.fromEntries((d.axes || []).map((a) => [a[0], a[1]]));
      return axes.N && axes.K ? {d, n: axes.N, k: axes.K} : null;
    }).filter(Boolean);
    main.append(el('h2', {}, 'Products: N and K'));
    if (!points.length) return main.append(el('p', {class: 'dim'}, 'No definition that fits the filters has the axes N and K.'));
    const types = [...new Set(points.map((p) => p.d.checkpoints[0] || ''))].slice(0, COLOURS - 1);
    const group = (p) => { const i = types.indexOf(p.d.checkpoints[0] || ''); return i < 0 ? COLOURS - 1 : i; };
    const scale = (values, from, to) => {
      const low = Math.floor(Math.log2(Math.min(...values))), high = Math.max(low + 1, Math.ceil(Math.log2(Math.max(...values))));
      return {low, high, at: (v) => from + (to - from) * (Math.log2(v) - low) / (high - low)};
    };
    const x = scale(points.map((p) => p.k), LEFT, W - 20), y = scale(points.map((p) => p.n), H - BOTTOM, 16);
    let svg = `<svg viewBox="0 0 ${W} ${H}" role="group" aria-label="N over K of products">`;
    for (let p = x.low; p <= x.high; p++) svg += `<line class="grid" x1="${x.at(2 ** p)}" x2="${x.at(2 ** p)}" y1="16" y2="${H - BOTTOM}"/><text x="${x.at(2 ** p)}" y="${H - BOTTOM + 18}" text-anchor="middle">${2 ** p}</text>`;
    for (let p = y.low; p <= y.high; p++) svg += `<line class="grid" y1="${y.at(2 ** p)}" y2="${y.at(2 ** p)}" x1="${LEFT}" x2="${W - 20}"/><text x="${LEFT - 8}" y="${y.at(2 ** p) + 4}" text-anchor="end">${2 ** p}</text>`;
    svg += `<text x="${(W + LEFT) / 2}" y="${H - 6}" text-anchor="middle">K</text><text x="16" y="${H / 2}" text-anchor="middle">N</text>`;
    for (const p of points) svg += `<circle cx="${x.at(p.k).toFixed(1)}" cy="${y.at(p.n).toFixed(1)}" r="${4 + Math.min(6, p.d.checkpoints.length)}" style="fill:${colour(group(p))}" tabindex="0" role="button" data-name="${esc(p.d.name)}"><title>${esc(p.d.name + '\nN ' + p.n + ', K ' + p.k + '\n' + p.d.checkpoints.join('\n'))}</title></circle>`;
    const box = el('div', {class: 'plot'});
    box.innerHTML = svg + '</svg>';
    const open = (e) => { const c = e.target.closest('circle'); if (c) go({item: 'definition:' + c.dataset.name}); };
    box.addEventListener('click', open);
    box.addEventListener('keydown', (e) => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); open(e); } });
    const names = types.map((t) => t || 'no model');
    if (points.some((p) => group(p) === COLOURS - 1)) { while (names.length < COLOURS - 1) names.push(''); names.push('other checkpoints'); }
    main.append(el('p', {class: 'dim'}, `${plural(points.length, 'definition')}; colour: the first checkpoint that has it; size: how many do. Both axes are logarithmic.`),
      box, legend(names.filter(Boolean)));
  }
  function shares(measure, title) {
    const chosen = models.filter((m) => fitsModel(m) && ran(m).length);
    main.append(el('h2', {}, title));
    if (!chosen.length) return main.append(el('p', {class: 'dim'}, 'No step ran.'));
    const top = functionSums(chosen).sort((a, b) => b[measure] - a[measure]).slice(0, COLOURS - 3).map((f) => f.name);
    const names = ['one definition', 'part of a definition', ...top, 'other functions'];
    const bars = el('div', {class: 'bars'});
    for (const m of chosen) {
      const steps = ran(m), all = sums(steps, 'all')[measure] || 1;
      const parts = [sums(steps, 'whole')[measure], sums(steps, 'part')[measure], ...top.map(() => 0), 0];
      for (const s of steps) for (const f of s.without) {
        const i = top.indexOf(f.function);
        parts[i < 0 ? parts.length - 1 : i + 2] += f[measure];
      }
      let x = 0, svg = '<svg viewBox="0 0 1000 20" preserveAspectRatio="none" role="img">';
      parts.forEach((p, i) => {
        const wide = 1000 * p / all;
        if (wide > 0) svg += `<rect x="${x.toFixed(2)}" y="0" width="${wide.toFixed(2)}" height="20" style="fill:${colour(i)}"><title>${esc(names[i] + ': ' + percent(p / all))}</title></rect>`;
        x += wide;
      });
      const bar = el('div', {});
      bar.innerHTML = svg + '</svg>';
      bars.append(el('button', {class: 'link name', type: 'button', title: m.checkpoint + ' ' + m.deployment, onclick: () => go({item: 'model:' + m.number})}, m.checkpoint + ' ' + m.deployment), bar);
    }
    main.append(legend(names), bars);
  }
  function plotsView() {
    scatter();
    shares('launches', 'Shares of the launches of a model\u2019s steps');
    shares('bytes', 'Shares of the bytes');
  }

  function plain(title, lines) {
    return lines && lines.length ? [el('h2', {}, title), el('ul', {class: 'plain'}, lines.map((l) => el('li', {}, l)))] : [];
  }
  function table(head, rows) {
    return el('div', {class: 'scroll'}, el('table', {}, el('thead', {}, el('tr', {}, head.map((h) => el('th', {scope: 'col'}, h)))),
      el('tbody', {}, rows.map((r) => el('tr', {}, r.map((c) => el('td', {}, c instanceof Node ? c : String(c ?? ''))))))));
  }
  function runView() {
    const r = data.run;
    main.append(...plain('What fails the run', (data.deviations || []).map((d) => `${d.kind}: ${d.where}: ${d.what}`)),
      ...plain('Errors', data.errors), ...plain('Warnings', data.warnings),
      ...plain('Conflicts', data.conflicts.map((c) => `${c.name} is kept as ${c.saved_as}: ${c.fields.join(', ')} differ`)),
      el('h2', {}, 'This run'), el('p', {}, `kdex ${r.kdex}, engine ${r.engine}, `, el('code', {}, r.id), `, started ${r.started}`,
        r.resumes ? `, resumes ${r.resumes}` : ''),
      table(['package', 'version', 'commit', 'folder', 'given as', 'files', 'sha256'], r.sources.map((s) =>
        [s.package, s.version, s.commit, el('code', {}, s.folder), s.given || 'found by kdex', s.files, el('code', {}, s.sha256)])),
      el('h2', {}, 'Settings'), table(['setting', 'value'], [...Object.entries(r.pipeline), ...Object.entries(r.platforms).map(([k, v]) => ['platform ' + k, v])]
        .map(([k, v]) => [k, el('code', {style: 'overflow-wrap:anywhere'}, JSON.stringify(v))])),
      el('h2', {}, 'Families and stages'), table(['name', 'version', 'library', 'refused'], data.plugins.map((p) => [p.name, p.version, el('code', {}, p.library), p.refused || ''])),
      ...plain('Suggestions', data.suggestions),
      el('h2', {}, 'Keys'), table(['key', 'does'], [['/', 'the filter'], ['1 to 6', 'a view'], ['arrows, j, k, Page, Home, End, Enter', 'in the list of definitions'], ['Esc', 'closes the item']]));
  }

  // ---- one definition --------------------------------------------------------------------------
  const PYTHON = /(#[^\n]*)|("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\b(def|return|import|from|as|for|in|if|elif|else|while|not|and|or|is|None|True|False|assert|with|lambda|raise|range|len|int|float)\b|\b(\d[\d_.]*(?:e[+-]?\d+)?)\b/g;
  function highlighted(text) {
    const pre = el('pre', {tabindex: '0'});
    let done = 0;
    for (const m of text.matchAll(PYTHON)) {
      pre.append(text.slice(done, m.index), el('span', {class: m[1] ? 'com' : m[2] ? 'str' : m[3] ? 'k' : 'num'}, m[0]));
      done = m.index + m[0].length;
    }
    pre.append(text.slice(done));
    return pre;
  }
  function place(s) { return s.startsWith('/model/') ? s.slice(7) : s; }
  function originLine(o) {
    const name = {config: 'config.json: ', deployment: 'deployment: ', platform: 'platform: ', literal: '', operation: '', unknown: 'not known'}[o.k];
    const parts = [o.v !== undefined ? el('b', {}, String(o.v)) : '', ' ',
      el('span', {}, o.k === 'operation' ? `${o.t || ''} of` : o.k === 'literal' ? 'written in the source' : (name ?? o.k + ' ') + (o.t || ''))];
    if (o.s) parts.push(' ', el('span', {class: 'src mono'}, place(o.s)));
    if (o.s && data.lines[o.s]) parts.push(el('code', {class: 'line'}, data.lines[o.s]));
    return parts;
  }
  function originTree(number, depth, seen) {
    const o = data.origins[number];
    if (!o) return null;
    const below = (o.i || []).filter((i) => i);
    if (!below.length || seen.has(number)) return el('li', {}, ...originLine(o));
    const next = new Set(seen).add(number);
    const open = depth < 3;
    const node = el('details', {open}, el('summary', {}, ...originLine(o)));
    const fill = () => { if (!node.querySelector('ul')) node.append(el('ul', {}, below.map((i) => originTree(i, depth + 1, next)))); };
    if (open) fill(); else node.addEventListener('toggle', fill, {once: true});
    return el('li', {}, node);
  }
  function copy(text, what) {
    const done = () => say(what + ' copied');
    const fallback = () => {
      const area = el('textarea', {style: 'position:fixed;opacity:0'});
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
      done();
    };
    if (navigator.clipboard && isSecureContext) navigator.clipboard.writeText(text).then(done, fallback);
    else fallback();
  }
  function definitionJson(d) {
    const out = {name: d.name, op_type: d.op_type, tags: d.tags, description: data.texts[d.description], axes: {}, constraints: d.constraints};
    for (const [name, value, , description] of d.axes) out.axes[name] = value === null ? {type: 'var'} : {type: 'const', value};
    for (const [name, , , description] of d.axes) if (description) out.axes[name].description = description;
    for (const side of ['inputs', 'outputs']) out[side] = Object.fromEntries(tensors(d[side]).map(([name, shape, dtype, description]) =>
      [name, description ? {shape, dtype, description} : {shape, dtype}]));
    out.reference = data.texts[d.reference];
    return JSON.stringify(out, null, 2);
  }
  function definitionDetail(d) {
    const explain = `kdex explain ${d.name} --dataset ${data.dataset}`;
    const parts = [el('h2', {}, el('code', {}, d.name)),
      el('p', {}, el('span', {class: 's ' + d.status}, d.status), ` ${d.op_type}, family ${d.family}`, d.modes && d.modes.length ? `, launched in ${d.modes.join(', ')}` : ''),
      el('p', {class: 'dim'}, d.what), el('p', {class: 'dim mono'}, d.file)];
    const bar = el('div', {class: 'bar'});
    if (content(d)) bar.append(el('button', {class: 'button', type: 'button', onclick: () => copy(definitionJson(d), 'JSON')}, 'Copy JSON'),
      el('button', {class: 'button', type: 'button', onclick: () => copy(data.texts[d.reference], 'Python')}, 'Copy Python'));
    bar.append(el('button', {class: 'button', type: 'button', title: explain, onclick: () => copy(explain, 'command')}, 'Copy kdex explain'));
    parts.push(bar);
    if (d.same_signature_as) parts.push(el('p', {}, 'Same signature as ', el('button', {class: 'link', type: 'button', onclick: () => go({item: 'definition:' + d.same_signature_as})}, d.same_signature_as)));
    if (d.differences) parts.push(el('h3', {}, 'Differs from the dataset\u2019s'), table(['part', 'dataset', 'found'], d.differences.map((x) => [x.part + (x.name ? '.' + x.name : ''), x.dataset ?? 'none', x.found ?? 'none'])));
    if (!content(d)) return parts;
    if (data.texts[d.description]) parts.push(el('p', {}, data.texts[d.description]));
    parts.push(el('h3', {}, 'Axes'), el('ul', {class: 'tree'}, d.axes.map(([name, value, origin, description]) => value === null
      ? el('li', {}, el('code', {}, name), ' ', el('span', {class: 'dim'}, 'varies' + (description ? ': ' + description : '')))
      : el('li', {}, el('code', {}, name), ' = ', el('b', {}, String(value)), origin ? el('ul', {}, originTree(origin, 0, new Set())) : ''))));
    if (d.constraints.length) parts.push(el('h3', {}, 'Constraints'), el('ul', {class: 'plain'}, d.constraints.map((c) => el('li', {}, el('code', {}, c)))));
    for (const side of ['inputs', 'outputs']) parts.push(el('h3', {}, side === 'inputs' ? 'Inputs' : 'Outputs'),
      table(['name', 'shape', 'dtype', ''], tensors(d[side]).map(([name, shape, dtype, description]) => [el('code', {}, name), el('code', {}, shape ? '[' + shape.join(', ') + ']' : 'scalar'), dtype, description])));
    const by = new Map();
    for (const m of d.models) by.set(models[m].checkpoint, [...(by.get(models[m].checkpoint) || []), m]);
    parts.push(el('h3', {}, 'Models that run it'), el('ul', {class: 'plain'}, [...by].map(([c, of]) => el('li', {}, c + ': ', of.map((m, i) => [i ? ', ' : '', el('button', {class: 'link', type: 'button', onclick: () => go({item: 'model:' + m})}, models[m].deployment)]).flat())),
      (d.earlier || []).map((m) => el('li', {class: 'dim'}, m + ' (an earlier run)'))));
    parts.push(el('h3', {}, 'Reference'), highlighted(data.texts[d.reference]));
    return parts;
  }

  // ---- one model -------------------------------------------------------------------------------
  function modelDetail(m) {
    const parts = [el('h2', {}, m.checkpoint + ' ' + m.deployment), el('p', {}, el('span', {class: 's ' + m.status}, m.status), ' ', m.architecture || '',
      m.dtype ? `, ${m.dtype}` : '', m.quantization ? `, ${m.quantization}` : '')];
    if (m.status !== 'ok') parts.push(el('p', {}, why(m)), el('h3', {}, 'Where'), el('pre', {}, (m.where || []).join('\n')));
    if ((m.steps || []).length) parts.push(el('h3', {}, 'Steps'), table(['step', 'launches', 'bytes', 'operations'], m.steps.map((s) => s.status === 'ok'
      ? [`${s.mode}, ${s.sizes}`, ...['launches', 'bytes', 'flops'].map((k) => meter(s.all[k] ? (s.whole[k] + s.part[k]) / s.all[k] : 1))]
      : [`${s.mode}, ${s.sizes}`, `${s.status}: ${s.why || ''}`, '', ''])));
    if (m.definitions.length) parts.push(el('h3', {}, plural(m.definitions.length, 'definition')), el('ul', {class: 'plain'}, m.definitions.map((d) =>
      el('li', {}, el('button', {class: 'link mono', type: 'button', onclick: () => go({item: 'definition:' + definitions[d].name})}, definitions[d].name), ' ', el('span', {class: 'dim'}, definitions[d].what)))));
    const without = functionSums([m]);
    if (without.length) parts.push(el('h3', {}, 'Launches without a definition'), table(['function', 'role', 'launches'], without.map((f) => [el('code', {}, f.name), f.role, f.launches])));
    if (m.unmatched.length) parts.push(el('h3', {}, 'Modules without a definition'), el('ul', {class: 'plain'}, m.unmatched.map((u) => el('li', {}, el('code', {}, u.path), ` ${u.class} \u00D7 ${u.count} `,
      el('span', {class: 'dim'}, Object.entries(u.shape || {}).map(([k, v]) => k + '=' + v).join(' ') + ' ' + (u.source || '')), u.reasons.map((r) => el('div', {}, r))))));
    const lists = [['No step launches', (m.not_launched || []).map((n) => n.name + ': ' + n.what)], ['Assumptions', m.assumptions.map((a) => `${a.source}: ${a.condition} taken as ${a.taken}: ${a.reason}`)],
      ['Changed by the engine', m.changed.map((c) => `${c.name}: ${c.asked} was asked for, the engine uses ${c.resolved}`)], ['Filled in', m.remarks],
      ['Logged', m.log.map((l) => `${l.level}: ${l.text}${l.source ? ' ' + l.source : ''}`)], ['Notes', m.notes.map((n) => `${n.family} ${n.path}: ${n.text}`)]];
    for (const [title, lines] of lists) if (lines.length) parts.push(el('h3', {}, title), el('ul', {class: 'plain'}, lines.map((l) => el('li', {}, l))));
    const resolved = Object.entries(m.resolved || {});
    if (resolved.length) parts.push(el('details', {}, el('summary', {}, plural(resolved.length, 'server argument') + ' as resolved'), table(['argument', 'value'], resolved.map(([k, v]) => [k, el('code', {style: 'overflow-wrap:anywhere'}, JSON.stringify(v))]))));
    return parts;
  }

  function drawDetail() {
    const [kind, ...rest] = state.item.split(':'), name = rest.join(':');
    const d = kind === 'definition' && definitions.find((x) => x.name === name);
    const m = kind === 'model' && models[Number(name)];
    detail.hidden = !(d || m);
    document.body.classList.toggle('open', !detail.hidden);
    if (detail.hidden) return detail.replaceChildren();
    detail.replaceChildren(el('button', {class: 'button close', type: 'button', onclick: () => go({item: ''})}, 'Close'), ...(d ? definitionDetail(d) : modelDetail(m)).flat());
    detail.scrollTop = 0;
  }

  // ---- the frame -------------------------------------------------------------------------------
  const DRAW = {matrix, definitions: definitionsView, models: modelsView, functions: functionsView, plots: plotsView, run: runView};
  let drawn = '';
  function draw() {
    readState();
    const of = KEYS.filter((k) => k !== 'item').map((k) => state[k]).join('\n');
    const same = of === drawn && state.view === 'definitions';
    byId('views').replaceChildren(...VIEWS.map(([id, title]) => el('button', {type: 'button', 'aria-current': state.view === id ? 'page' : null, onclick: () => go({view: id})}, title)));
    if (document.activeElement !== byId('q')) byId('q').value = state.q;
    byId('q').classList.toggle('on', !!state.q);
    for (const key of ['op', 'model', 'deployment', 'status']) {
      const box = byId(key);
      box.value = state[key];
      box.classList.toggle('on', !!state[key]);
    }
    if (same) {
      at = list.findIndex((d) => state.item === 'definition:' + d.name);
      paint();
    } else {
      main.replaceChildren();
      DRAW[state.view]();
    }
    drawn = of;
    drawDetail();
  }
  function fillSelect(id, first, values) {
    const box = byId(id);
    box.append(el('option', {value: ''}, first), ...values.map((v) => el('option', {value: v}, v)));
    box.addEventListener('change', () => go({[id]: box.value}));
  }
  fillSelect('op', 'all op types', opTypes);
  fillSelect('model', 'all checkpoints', checkpoints);
  fillSelect('deployment', 'all deployments', [...new Set(models.map((m) => m.deployment))].sort());
  fillSelect('status', 'any status', [...new Set([...definitions.map((d) => d.status), ...models.map((m) => m.status)])].sort());
  let waiting = 0;
  byId('q').addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => go({q: byId('q').value}, true), 80);
  });
  byId('clear').addEventListener('click', () => { byId('q').value = ''; go({q: '', op: '', model: '', deployment: '', status: ''}); });
  document.addEventListener('keydown', (e) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName);
    if (e.key === 'Escape') { if (typing) e.target.blur(); else if (state.item) go({item: ''}); return; }
    if (typing || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === '/') { e.preventDefault(); byId('q').focus(); }
    const view = VIEWS[Number(e.key) - 1];
    if (view) go({view: view[0]});
  });
  addEventListener('popstate', draw);
  addEventListener('hashchange', draw);
  addEventListener('resize', () => { if (state.view === 'definitions') { drawn = ''; draw(); } });
  addEventListener('beforeprint', () => { if (state.view === 'definitions') paint(true); });
  addEventListener('afterprint', () => { if (state.view === 'definitions') paint(); });
  const seconds = data.timings ? data.timings.seconds : 0;
  byId('about').textContent = `${data.dataset}, engine ${data.run.engine} ${(data.run.sources.find((s) => s.package === data.run.engine) || {}).version || ''}, ${seconds.toFixed(1)} s${data.interrupted ? ', interrupted' : ''}`;
  draw();
})();
