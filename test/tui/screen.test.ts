/** What a user sees on the screen, and what the session is asked for. */
import { describe, expect, test } from 'vitest'
import { NOW, ScreenTest, SELF } from './screen-kit.ts'

const READY = {
  type: 'ready',
  version: '1.0.0',
  peer: SELF,
  name: 'ann',
  room: 'lobby',
  addresses: [],
} as const

/** The session went to another room, as it was asked. */
function join(screen: ScreenTest, room: string): void {
  screen.tell({ type: 'notice', code: 'room', text: `you joined ${room}`, room })
}

describe('the transcript', () => {
  test('messages stand under their day, with time and name', () => {
    const screen = new ScreenTest()
    screen.say('good morning')
    screen.say('waves', { action: true })
    expect(screen.text).toContain('── 2026-11-25 ──')
    expect(screen.text).toContain('14:03 <bob> good morning\n14:03 * bob waves')
  })

  test('a message that comes late stands where it belongs, and says so', () => {
    const screen = new ScreenTest()
    screen.now += 60_000
    screen.say('first', { sentAt: NOW + 1_000 })
    screen.say('third', { sentAt: NOW + 30_000 })
    screen.say('second', { sentAt: NOW + 20_000, late: true, via: 'history' })
    expect(screen.text).toMatch(/<bob> first\n14:03 <bob> second \(late, came 14:04\)\n14:03 <bob> third/)
  })

  test('history of before is no news: neither late nor unread', () => {
    const screen = new ScreenTest()
    screen.say('old', { sentAt: NOW - 86_400_000, late: true, via: 'history' })
    expect(screen.text).toContain('── 2026-11-24 ──')
    expect(screen.text).toContain('<bob> old\n')
    expect(screen.effects).toEqual([])
  })

  test('what was said while the user was away stands below a line, and is known to be seen then', () => {
    const screen = new ScreenTest({ seen: { lobby: NOW - 5_000 } })
    screen.say('seen before', { sentAt: NOW - 5_000, via: 'history' })
    screen.say('missed, told second', { sentAt: NOW - 2_000, via: 'history' })
    screen.say('missed, told first', { sentAt: NOW - 3_000, via: 'history' })
    expect(screen.text).toMatch(/seen before\n── new ─+\n.*told first\n.*told second/)
    expect(screen.screen.seen).toEqual({ lobby: NOW - 2_000 })
    screen.type('back again\r')
    expect(screen.text).not.toContain('── new')
  })

  test('in a room that is new to the user, nothing is told to be new', () => {
    const screen = new ScreenTest()
    screen.say('of before', { sentAt: NOW - 2_000, via: 'history' })
    expect(screen.text).not.toContain('── new')
  })

  test('own messages show who holds them', () => {
    const screen = new ScreenTest()
    const { id } = screen.say('mine', { own: true, peer: SELF, name: 'ann' })
    expect(screen.text).toContain('<ann> mine ·')
    screen.tell({ type: 'delivered', room: 'lobby', id, peer: 'b', count: 2, of: 4 })
    expect(screen.text).toContain('<ann> mine ✓2/4')
    screen.tell({ type: 'delivered', room: 'lobby', id, peer: 'c', count: 4, of: 4 })
    expect(screen.text).toContain('<ann> mine ✓✓')
  })

  test('joins and leaves are folded when there are many, and can be hidden', () => {
    const screen = new ScreenTest({ size: { columns: 100, rows: 8 } })
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) screen.join(name)
    screen.tell({ type: 'left', room: 'lobby', peer: '12D3KooWa', name: 'a', reason: 'quit' })
    expect(screen.text).toContain('-- a, b, c and 3 others joined; a left (quit)')
    screen.type('/set presence hide\r')
    expect(screen.text).not.toContain('others joined')
  })

  test('long texts are wrapped and indented, so that none passes for another message', () => {
    const screen = new ScreenTest({ size: { columns: 40, rows: 10 } })
    screen.say(`${'word '.repeat(12)}\n14:03 <ann> I never said this`)
    for (const line of screen.lines.filter(text => text.includes('word') || text.includes('never'))) {
      expect(line).toMatch(/^(14:03 <bob> word| {2}\S)/)
    }
  })

  test('a name that is not unique has its tag', () => {
    const screen = new ScreenTest()
    screen.say('it is me', { peer: '12D3KooWAAAA' })
    screen.say('no, me', { peer: '12D3KooWBBBB' })
    expect(screen.text).toMatch(/<bob·\w+> no, me/)
  })
})

describe('what becomes of a message', () => {
  const about = (id: string) =>
    ({ room: 'lobby', id, eventId: 'e', peer: '12D3KooWBobb', name: 'bob', via: 'live', own: false }) as const

  test('shows in its row: edited, reacted to, deleted', () => {
    const screen = new ScreenTest()
    const { id, ...rest } = screen.say('frist')
    const quote = { ...rest, id }
    screen.tell({ ...about(id), type: 'edited', text: 'first', editedAt: NOW, about: quote })
    expect(screen.text).toContain('<bob> first (edited)')
    screen.tell({ ...about(id), type: 'reacted', emoji: '👍', on: true, reactedAt: NOW, about: quote })
    expect(screen.text).toContain('<bob> first (edited) [👍 bob]')
    screen.tell({ ...about(id), type: 'deleted', deletedAt: NOW, about: { ...quote, text: '' } })
    expect(screen.text).toContain('<bob> (deleted by author)')
    expect(screen.text).not.toContain('first')
  })

  test('keeps who holds an own one', () => {
    const screen = new ScreenTest()
    const { id, ...rest } = screen.say('mine', { own: true, peer: SELF, name: 'ann' })
    screen.tell({ type: 'delivered', room: 'lobby', id, peer: 'b', count: 2, of: 4 })
    const event = {
      ...about(id),
      type: 'edited',
      text: 'still mine',
      editedAt: NOW,
      about: { ...rest, id },
    } as const
    screen.tell(event)
    expect(screen.text).toContain('<ann> still mine (edited) ✓2/4')
  })

  test('an answer says to what, and rings when that was mine', () => {
    const screen = new ScreenTest()
    const { id, ...rest } = screen.say('who is in?', { own: true, peer: SELF, name: 'ann' })
    screen.say('me', { replyTo: id, replied: { ...rest, id } })
    expect(screen.text).toContain('<bob> ↪ ann "who is in?"  me')
    expect(screen.effects).toHaveLength(1)
  })
})

describe('scrolling', () => {
  function long(): ScreenTest {
    const screen = new ScreenTest()
    for (let at = 1; at <= 50; at++) screen.say(`line ${at}.`)
    return screen
  }

  test('stays where it was put while others write, and tells how many are below', () => {
    const screen = long()
    screen.chord('PageUp')
    const before = screen.lines.slice(0, 9)
    screen.say('line 51.')
    screen.say('line 52.')
    expect(screen.lines.slice(0, 9)).toEqual(before)
    expect(screen.status).toContain('↓ 2 new below')
    screen.chord('C-End')
    expect(screen.text).toContain('line 52.')
    expect(screen.status).not.toContain('below')
  })

  test('what comes late above the window is none of those below', () => {
    const screen = long()
    screen.chord('PageUp')
    screen.now += 60_000
    screen.say('late', { sentAt: NOW - 1, late: true })
    expect(screen.status).toContain('not at the end')
  })

  test('goes to the beginning and asks the log for what was before, once', () => {
    const screen = long()
    screen.chord('C-Home', 'C-Home')
    expect(screen.text).toContain('line 1.')
    expect(screen.inputs).toEqual([
      { kind: 'earlier', room: 'lobby', before: { sentAt: NOW, id: '00000001' }, count: 300 },
    ])
    const older = {
      id: '00',
      peer: 'p',
      name: 'bob',
      text: 'before all',
      action: false,
      sentAt: NOW - 5,
      own: false,
    }
    screen.tell({ type: 'notice', code: 'earlier', text: '', room: 'lobby', messages: [older] })
    screen.chord('PageUp')
    expect(screen.text).toContain('before all')
  })

  test('down past the end follows again', () => {
    const screen = long()
    screen.chord('PageUp', 'PageDown')
    screen.say('newest')
    expect(screen.text).toContain('newest')
  })

  test('a search goes to what it finds and marks it, and Esc goes back', () => {
    const screen = long()
    const before = screen.text
    screen.chord('M-s')
    screen.type('LINE 1')
    expect(screen.text).toContain('line 19.')
    expect(screen.frame.lines.flat()).toContainEqual({ text: 'line 1', style: 'match' })
    screen.chord('Up')
    expect(screen.text).toContain('line 18.')
    screen.type('x')
    expect(screen.text).toContain('not found')
    screen.chord('Esc')
    expect(screen.text).toBe(before)
  })

  test('a search that ended with Enter stays where it found something', () => {
    const screen = long()
    screen.chord('C-f')
    screen.type('line 7.\r')
    expect(screen.text).toContain('line 7.')
    expect(screen.status).toContain('not at the end')
  })
})

describe('the line', () => {
  test('is sent to the room that it was written in, and can be had again', () => {
    const screen = new ScreenTest()
    screen.type('hello there\r')
    expect(screen.inputs).toEqual([{ kind: 'say', text: 'hello there', room: 'lobby' }])
    expect(screen.lines.at(-1)).toBe('>')
    screen.chord('Up')
    expect(screen.lines.at(-1)).toBe('> hello there')
  })

  test('a mistyped command stays, is told with what was meant, and is never sent', () => {
    const screen = new ScreenTest()
    screen.type('/wo\r')
    expect(screen.inputs).toEqual([])
    expect(screen.text).toContain('!! There is no command /wo. Did you mean /who?')
    expect(screen.lines.at(-1)).toBe('> /wo')
  })

  test('a mistyped command of the screen is understood, too', () => {
    const screen = new ScreenTest()
    screen.type('/notfy all\r')
    expect(screen.text).toContain('Did you mean /notify?')
  })

  test('a text that is too long stays', () => {
    const screen = new ScreenTest()
    screen.press({ kind: 'text', text: 'x'.repeat(9_000) })
    screen.type('\r')
    expect(screen.inputs).toEqual([])
    expect(screen.text).toContain('9000 bytes, and a message may have')
  })

  test('a paste of many lines is asked about', () => {
    const screen = new ScreenTest()
    const text = Array.from({ length: 200 }, (_, at) => `line ${at}`).join('\n')
    screen.press({ kind: 'paste', text })
    expect(screen.text).toContain('200 lines were pasted')
    screen.chord('Esc')
    expect(screen.lines.at(-1)).toBe('>')
    screen.press({ kind: 'paste', text })
    screen.chord('Enter', 'Enter')
    expect(screen.inputs).toEqual([{ kind: 'say', text, room: 'lobby' }])
  })

  test('a paste of a few lines goes into the line and sends nothing', () => {
    const screen = new ScreenTest()
    screen.press({ kind: 'paste', text: 'one\ntwo\n' })
    expect(screen.inputs).toEqual([])
    expect(screen.lines.slice(-2)).toEqual(['> one', '  two'])
  })

  test('a resize keeps the draft', () => {
    const screen = new ScreenTest()
    screen.type('half a sen')
    screen.screen.onResize({ columns: 20, rows: 5 })
    expect(screen.lines.at(-1)).toBe('> half a sen')
    expect(screen.frame.cursor).toEqual({ x: 12, y: 4 })
  })

  test('Tab completes who is here, shows who else there is, and takes it back', () => {
    const screen = new ScreenTest()
    for (const name of ['alice', 'albert', 'carol']) screen.join(name)
    screen.type('ca\t')
    expect(screen.lines.at(-1)).toBe('> carol:')
    screen.chord('C-u')
    screen.type('al\t')
    expect(screen.lines.at(-1)).toBe('> alice:')
    expect(screen.text).toContain(' albert:')
    screen.type('\t')
    expect(screen.lines.at(-1)).toBe('> albert:')
    screen.chord('Esc')
    expect(screen.lines.at(-1)).toBe('> al')
  })

  test('what follows a completion is typed behind it', () => {
    const screen = new ScreenTest()
    screen.join('alice')
    screen.join('albert')
    screen.type('al\thi\r')
    expect(screen.inputs).toEqual([{ kind: 'say', text: 'alice: hi', room: 'lobby' }])
  })

  test('Ctrl-C asks for the end, Ctrl-D on no text quits', () => {
    const screen = new ScreenTest()
    screen.chord('C-c', 'C-d')
    expect(screen.effects).toEqual([{ kind: 'interrupt' }, { kind: 'input', input: { kind: 'quit' } }])
  })
})

describe('rooms', () => {
  function two(): ScreenTest {
    const screen = new ScreenTest()
    screen.tell(READY)
    join(screen, 'tea')
    return screen
  }

  test('drafts and windows are each room’s own', () => {
    const screen = two()
    screen.type('about tea')
    screen.chord('M-1')
    expect(screen.status).toMatch(/^lobby/)
    expect(screen.lines.at(-1)).toBe('>')
    screen.type('about lobbies')
    screen.chord('M-2')
    expect(screen.lines.at(-1)).toBe('> about tea')
    screen.chord('M-Left')
    expect(screen.lines.at(-1)).toBe('> about lobbies')
  })

  test('the session follows, and its answers change nothing any more', () => {
    const screen = two()
    screen.chord('M-1', 'M-2')
    expect(screen.inputs).toEqual([
      { kind: 'join', room: 'lobby' },
      { kind: 'join', room: 'tea' },
    ])
    screen.tell({ type: 'notice', code: 'room', text: 'you now speak in lobby', room: 'lobby' })
    expect(screen.status).toMatch(/^tea/)
    screen.tell({ type: 'notice', code: 'room', text: 'you now speak in tea', room: 'tea' })
    expect(screen.text).not.toContain('now speak')
  })

  test('what happens elsewhere is counted, what speaks to me first, and read below a line', () => {
    const screen = two()
    join(screen, 'dev')
    screen.say('hello all')
    screen.say('ann: lunch?', { room: 'tea' })
    expect(screen.status).toContain('2:tea 1@1 · 1:lobby 1')
    screen.chord('M-a')
    expect(screen.status).toMatch(/^tea/)
    expect(screen.text).toMatch(/── new ─+\n14:03 <bob> ann: lunch\?/)
    screen.type('yes\r')
    expect(screen.text).not.toContain('── new')
  })

  test('leaving a room leads to the one before', () => {
    const screen = two()
    screen.type('/leave\r')
    screen.tell({ type: 'left', room: 'tea', peer: SELF, name: 'ann', reason: 'quit' })
    screen.tell({
      type: 'notice',
      code: 'room',
      text: 'you left tea; you now speak in lobby',
      left: 'tea',
      room: 'lobby',
    })
    expect(screen.status).toMatch(/^lobby/)
    expect(screen.text).toContain('you left tea')
  })

  test('in no room, nothing is lost that is typed', () => {
    const screen = new ScreenTest()
    screen.tell({ type: 'left', room: 'lobby', peer: SELF, name: 'ann', reason: 'quit' })
    screen.type('hello?\r')
    expect(screen.text).toContain('You are in no room')
    expect(screen.lines.at(-1)).toBe('> hello?')
    expect(screen.inputs).toEqual([])
  })
})

describe('what makes itself heard', () => {
  test('my name as a word, and nothing that I say', () => {
    const screen = new ScreenTest()
    screen.say('an annotated announcement')
    screen.say('Ann, are you there?')
    screen.say('ann is me', { own: true })
    expect(screen.effects).toEqual([
      { kind: 'alert', how: 'bell', title: 'bob in lobby', text: 'Ann, are you there?' },
    ])
  })

  test('of many at once the first', () => {
    const screen = new ScreenTest()
    for (let count = 0; count < 50; count++) screen.say('ann ann ann')
    screen.now += 1_000
    screen.say('ann?')
    expect(screen.effects.map(effect => effect.kind === 'alert' && effect.text)).toEqual([
      'ann ann ann',
      'ann?',
    ])
  })

  test('a muted room is silent, stays so, and can be heard again', () => {
    const screen = new ScreenTest()
    screen.type('/mute\r')
    screen.say('ann!')
    expect(screen.effects).toMatchObject([{ kind: 'save', settings: { rooms: { lobby: 'none' } } }])
    screen.type('/mute\r')
    screen.say('ann!')
    expect(screen.effects.at(-1)).toMatchObject({ kind: 'alert' })
  })

  test('a muted room doesn’t show in the status line', () => {
    const screen = new ScreenTest({ settings: { rooms: { tea: 'none' } } })
    join(screen, 'tea')
    screen.chord('M-1')
    screen.say('ann!', { room: 'tea' })
    expect(screen.status).not.toContain('tea')
    screen.chord('M-2')
    expect(screen.text).toContain('<bob> ann!')
  })

  test('all of a room, if that is wanted', () => {
    const screen = new ScreenTest()
    screen.type('/notify all\r')
    screen.say('anything')
    expect(screen.effects.at(-1)).toMatchObject({ kind: 'alert' })
  })

  test('a name of special characters is a name', () => {
    const screen = new ScreenTest()
    screen.tell({ ...READY, name: 'c++ (x)' })
    screen.say('ask c++ (x) about it')
    expect(screen.effects).toHaveLength(1)
  })
})

describe('settings', () => {
  test('are changed, shown and saved', () => {
    const screen = new ScreenTest()
    screen.say('hello')
    screen.type('/set time 12h\r')
    expect(screen.text).toContain('02:03pm <bob> hello')
    expect(screen.effects).toMatchObject([{ kind: 'save', settings: { time: '12h' } }])
    screen.type('/set time\r')
    expect(screen.text).toContain('time 12h (minutes, seconds, 12h, none)')
  })

  test('a wrong value and a wrong key name themselves', () => {
    const screen = new ScreenTest({ size: { columns: 120, rows: 12 } })
    screen.type('/set theme blue\r')
    expect(screen.text).toContain('"theme" in /set is "blue", which does not fit')
    screen.type('/set them dark\r')
    expect(screen.text).toContain('"them" is unknown. Did you mean theme?')
    expect(screen.effects).toEqual([])
  })
})

describe('the status line answers whether I am connected', () => {
  test('before, alone, and with others', () => {
    const screen = new ScreenTest()
    expect(screen.status).toBe('lobby · starting… · looking for the helper…')
    screen.tell(READY)
    expect(screen.status).toBe('lobby · not connected · looking for the helper…')
    screen.tell({ type: 'helper', state: 'connected', peer: 'h', address: 'a' })
    expect(screen.status).toBe('lobby · connected, nobody else here yet · helper ok')
    screen.join('bob')
    screen.join('eve')
    screen.tell({ type: 'path', peer: '12D3KooWbob', path: 'direct', transport: 'tcp', rttMs: 1 })
    screen.tell({ type: 'path', peer: '12D3KooWeve', path: 'relayed', transport: 'tcp', rttMs: 1 })
    expect(screen.status).toBe('lobby · 3 here · 1 direct, 1 relayed · helper ok')
    screen.tell({ type: 'helper', state: 'lost', peer: 'h', address: 'a' })
    expect(screen.status).toContain('helper down, not needed')
  })

  test('without a helper', () => {
    const screen = new ScreenTest({ helpers: 0 })
    screen.tell(READY)
    expect(screen.status).toBe('lobby · nobody found yet on this network · no helper')
  })

  test('with nothing to find others by', () => {
    const screen = new ScreenTest({ helpers: 0, lan: 'off' })
    screen.tell(READY)
    expect(screen.status).toBe('lobby · nobody can be found: local discovery is off · no helper')
  })

  test('how far a fetch is, without a number that moves if that is not wanted', () => {
    const screen = new ScreenTest()
    const progress = {
      type: 'notice',
      code: 'sync-progress',
      text: '',
      room: 'lobby',
      received: 300,
      expected: 1_000,
    } as const
    screen.tell(progress)
    expect(screen.status).toContain('history 30 %')
    screen.type('/set motion reduced\r')
    expect(screen.status).toContain('fetching history')
    screen.tell({ ...progress, received: 1_000 })
    expect(screen.status).not.toContain('history')
  })

  test('in a narrow window what matters most stays', () => {
    const screen = new ScreenTest({ size: { columns: 40, rows: 8 } })
    screen.tell(READY)
    screen.join('bob')
    screen.tell({ type: 'helper', state: 'lost', peer: 'h', address: 'a' })
    expect(screen.status).toBe('lobby · 2 here · helper down, ok')
  })
})

test('why somebody stays relayed is said where people read', () => {
  const screen = new ScreenTest()
  screen.tell(READY)
  screen.join('eve')
  const path = { type: 'path', peer: '12D3KooWeve', path: 'relayed', transport: 'tcp', rttMs: 1 } as const
  screen.tell(path)
  expect(screen.text).not.toContain('stays connected')
  screen.tell({ ...path, because: 'your router does not keep ports' })
  expect(screen.text).toContain('eve stays connected through a relay')
})

test('people are listed beside a wide window, with who is relayed', () => {
  const screen = new ScreenTest({ size: { columns: 100, rows: 8 } })
  screen.join('zoe')
  screen.tell({ type: 'path', peer: '12D3KooWzoe', path: 'relayed', transport: 'tcp', rttMs: 1 })
  expect(screen.lines.slice(0, 2).map(line => line.slice(80))).toEqual(['│ ann (you)', '│~zoe'])
  screen.type('/set people off\r')
  expect(screen.text).not.toContain('│')
})

test('help keeps its columns in a narrow window', () => {
  const screen = new ScreenTest({ size: { columns: 60, rows: 40 } })
  screen.type('/help keys\r')
  expect(screen.text).toMatch(/\n {10}C-l {20}draw the screen anew; C-z\n {33}put parley to sleep; C-c\n/)
})

test('help is read from its beginning', () => {
  const screen = new ScreenTest()
  screen.type('/help\r')
  expect(screen.lines[0]).toBe('── 2026-11-25 ──────────────────────────')
  expect(screen.lines[1]).toBe('14:03 -- Talking')
  screen.type('/help mute\r')
  expect(screen.text).toContain('/mute: turn notifications of this room off or on; saved')
  screen.type('/help nick\r')
  expect(screen.text).toContain('/nick NAME: change your username')
})
