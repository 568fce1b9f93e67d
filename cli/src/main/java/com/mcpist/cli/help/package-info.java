/** What commands say of themselves: help, man page, completion. */
@NullMarked
package com.mcpist.cli.help;

import org.jspecify.annotations.NullMarked;
