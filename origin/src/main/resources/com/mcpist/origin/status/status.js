
const root = document.documentElement;
const main = document.querySelector('main');
const stale = document.getElementById('stale');
const ahead = Date.now() - Date.parse(root.dataset.at);
const relative = new Intl.RelativeTimeFormat(root.lang, {style: 'narrow'});
const told = document.querySelector('footer time');
const filled = new Map();
// A machine that is gone closes no connection. An edge says something every 15 s.
const silence = 40_000;
let events;
let heard = 0;
let open = false;

// "12 s ago" by the database's clock; what is older than a day in the reader's zone.
const tell = () => {
  if (open && Date.now() - heard > silence) {
    events.close();
    away();
    follow();
  }
  if (open) told.dateTime = new Date(Date.now() - ahead).toISOString();
  for (const time of document.querySelectorAll('time')) {
    const at = Date.parse(time.dateTime);
    const seconds = Math.max(0, Math.floor((Date.now() - ahead - at) / 1000));
    const local = new Date(at).toLocaleString(root.lang);
    const text = seconds < 60 ? relative.format(-seconds, 'second')
      : seconds < 3600 ? relative.format(-Math.floor(seconds / 60), 'minute')
      : seconds < 86400 ? relative.format(-Math.floor(seconds / 3600), 'hour')
      : local;
    if (time.textContent !== text) {
      time.textContent = text;
      time.title = local;
    }
  }
};

const remember = () => {
  filled.clear();
  for (const part of main.children) filled.set(part.id, part.innerHTML);
};

// Only what has changed is replaced: so the focus, a selection and scrolled tables stay.
const fill = html => {
  const next = document.createElement('template');
  next.innerHTML = html;
  const parts = [...next.content.children];
  const focused = document.activeElement.id;
  if (parts.map(part => part.id).join() !== [...filled.keys()].join()) {
    main.replaceChildren(next.content);
    remember();
  } else {
    parts.forEach((part, i) => {
      if (filled.get(part.id) === part.innerHTML) return;
      const old = main.children[i];
      const left = old.querySelector('.box')?.scrollLeft;
      filled.set(part.id, part.innerHTML);
      old.replaceChildren(...part.childNodes);
      if (left) old.querySelector('.box')?.scrollTo(left, 0);
    });
  }
  if (focused) document.getElementById(focused)?.focus({preventScroll: true});
  tell();
};

const hear = () => {
  heard = Date.now();
  open = stale.hidden = true;
};

const away = () => { open = stale.hidden = false; };

const follow = () => {
  events = new EventSource('/status/events?lang=' + root.lang);
  for (const name of ['open', 'main', 'alive']) events.addEventListener(name, hear);
  events.addEventListener('main', event => fill(event.data));
  events.addEventListener('error', () => {
    away();
    // It tries again by itself, unless it was refused.
    if (events.readyState === EventSource.CLOSED) setTimeout(follow, 5000);
  });
};

remember();
tell();
setInterval(tell, 1000);
if ('live' in root.dataset) follow();
