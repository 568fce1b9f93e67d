@NullMarked
package com.mcpist.deploy.platform.koyeb;

import org.jspecify.annotations.NullMarked;
