/** The keys, as `/help` and the first start tell them. */

export const KEY_HELP = `Keys: the window
  PageUp, PageDown       scroll; C-Home and C-End to the beginning and the end
  M-u                    to what is unread
  M-s (C-f on no text)   search in this room; Up and Down go through what is found
  M-1 to M-9             the room of this number; M-Left, M-Right, C-p, C-n the one beside
  M-a                    the next room where something happened, those that speak to you first
  M-Up                   pick a message: r answers it, + reacts; e edits and d deletes your own
  C-l                    draw the screen anew; C-z put parley to sleep; C-c leave
Keys: the line
  Enter                  send; M-Enter (or C-j) another line
  Tab, S-Tab             complete names, commands, rooms and :emoji
  Up, Down               what you typed before; C-r searches in it: again C-r older, C-s newer,
                         Enter sends what was found, Esc takes it into the line, C-g goes back
  C-a C-e C-b C-f        to the beginning, to the end, a character back and forward; M-b M-f by words
  C-h C-d C-k C-u C-w    delete before and behind, kill to the end, to the beginning, to a blank; M-d M-BS words
  C-y M-y C-t C-_        yank, what was killed before that, exchange two characters, undo`

/** One screen, shown once. */
export const FIRST_HINT: readonly string[] = [
  'Welcome. Type, press Enter, and everybody in this room reads it.',
  '',
  '/help      all commands and keys; what begins with / is never sent',
  '/who       who is here',
  '/join ROOM another room; Alt-1, Alt-2 … go from one to another',
  'Tab        completes names, commands and :emoji',
  'PageUp     what was said before; Ctrl-F searches',
  '/quit      leave, as Ctrl-C does',
  '',
  'The line at the bottom tells whether you are connected. If nobody is here: others need the same room and helper, or ' +
    'the same local network. What you say meanwhile is kept and reaches them when they come.',
  '',
  'How this looks: /set. Without it: parley --plain or --prompt.',
]
