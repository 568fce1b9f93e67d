@NullMarked
package com.mcpist.deploy.admin;

import org.jspecify.annotations.NullMarked;
