@NullMarked
package com.mcpist.cli.mount;

import org.jspecify.annotations.NullMarked;
