@NullMarked
package com.mcpist.cli.site;

import org.jspecify.annotations.NullMarked;
