/* How wide a character is depends on the locale, which is the whole program's. */
#ifndef LOCALE_UTF8_H
#define LOCALE_UTF8_H

void enter_utf8(void);

/* As it was before. */
void leave_utf8(void);

#endif
